import Polymorphic

extension Wire {
    /// A field of four big-endian bytes.
    /// - Throws: `length`.
    static func u32(_ field: [UInt8]) throws(Refusal) -> UInt32 {
        var reader = WireReader(field)
        let value = try reader.integer(UInt32.self, orRefuse: .length)
        try need(reader.isAtEnd, .length)
        return value
    }

    /// A field of one byte.
    /// - Throws: `length`.
    static func u8(_ field: [UInt8]) throws(Refusal) -> UInt8 {
        try need(field.count == 1, .length)
        return field[0]
    }

    /// A list of names, all different.
    /// - Throws: `length` for too many or for a double one, `text`.
    static func names(_ field: [UInt8], maximum: Int) throws(Refusal) -> [Name] {
        let all = try elements(of: field, maximum: maximum)
        try need(Set(all).count == all.count, .length)
        var names: [Name] = []
        for bytes in all { names.append(try Name(bytes)) }
        return names
    }
}
