/// Finds member names that occur twice in one object.
enum JSONNames {
    /// Up to so many names each is compared with each.
    private static let pairwiseMax = 12

    /// - Returns: the offset of a name that another member of the same object has too.
    static func duplicate(in nodes: [JSONNode], of object: Int, _ base: UnsafePointer<UInt8>) -> Int? {
        var names: [JSONNode] = []
        var (index, isEscaped) = (object + 1, false)
        while index < nodes.count {
            names.append(nodes[index])
            if nodes[index].isEscaped { isEscaped = true }
            index = Int(nodes[index + 1].next)
        }
        if isEscaped { return spelled(names, base) }
        return names.count <= pairwiseMax ? pairwise(names, base) : sorted(names, base)
    }

    private static func pairwise(_ names: [JSONNode], _ base: UnsafePointer<UInt8>) -> Int? {
        for second in 1..<names.count {
            for first in 0..<second where compare(names[first], names[second], base) == 0 {
                return Int(names[second].start)
            }
        }
        return nil
    }

    /// Many members cost n log n comparisons: nobody can make us compare each with each.
    private static func sorted(_ names: [JSONNode], _ base: UnsafePointer<UInt8>) -> Int? {
        let sorted = names.sorted { compare($0, $1, base) < 0 }
        for (first, second) in zip(sorted, sorted.dropFirst()) where compare(first, second, base) == 0 {
            return Int(max(first.start, second.start))
        }
        return nil
    }

    /// `"a"` and `"\u0061"` are one name.
    private static func spelled(_ names: [JSONNode], _ base: UnsafePointer<UInt8>) -> Int? {
        var seen: Set<[UInt8]> = []
        for name in names {
            let raw = UnsafeBufferPointer(start: base + Int(name.start), count: Int(name.end - name.start))
            let bytes = name.isEscaped ? JSONStrings.unescaped(raw) : Array(raw)
            if !seen.insert(bytes).inserted { return Int(name.start) }
        }
        return nil
    }

    /// By length, then by bytes.
    private static func compare(_ a: JSONNode, _ b: JSONNode, _ base: UnsafePointer<UInt8>) -> Int {
        let (countA, countB) = (Int(a.end - a.start), Int(b.end - b.start))
        guard countA == countB else { return countA - countB }
        let (atA, atB) = (base + Int(a.start), base + Int(b.start))
        for offset in 0..<countA where atA[offset] != atB[offset] { return Int(atA[offset]) - Int(atB[offset]) }
        return 0
    }
}
