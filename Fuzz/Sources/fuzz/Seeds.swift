import Foundation

/// Inputs to begin with, cut from the vectors: what is well formed, and what must be refused. A fuzzer alone would
/// hardly ever guess the encoding of a point.
enum Seed: Sendable {
    /// These fields, one behind another, of every entry of a flat list, or of the one section of this name.
    case fields(String, [String])
    /// These arguments, one behind another, of every negative of an operation.
    case negatives(String, [String])
    /// The value of this key wherever it stands in the vectors, negatives included; of a list each element.
    case everywhere(String)
    /// These bytes.
    case bytes([UInt8])
    /// Each of another kind, made into something else; nil leaves it out.
    indirect case made(Seed, @Sendable ([UInt8]) -> [UInt8]?)
}

enum Seeds {
    static let perTargetMax = 128

    enum Failure: Error { case noVectors, nothing(target: String) }

    /// Writes the seeds of every target into a folder of its name.
    static func write(from vectors: URL, into folder: URL) throws {
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: vectors))
        guard let all = json as? [String: Any] else { throw Failure.noVectors }
        for target in FuzzTarget.all {
            let place = folder.appending(path: target.name)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let seeds = Set(target.seeds.flatMap { bytes(of: $0, in: all) }).filter { $0.count <= target.maximumBytes }
            guard !seeds.isEmpty else { throw Failure.nothing(target: target.name) }
            let chosen = seeds.sorted { $0.lexicographicallyPrecedes($1) }.prefix(perTargetMax)
            for (index, seed) in chosen.enumerated() {
                try Data(seed).write(to: place.appending(path: "seed-\(index)"))
            }
        }
    }

    private static func bytes(of seed: Seed, in all: [String: Any]) -> [[UInt8]] {
        switch seed {
        case .bytes(let bytes): return [bytes]
        case .made(let seed, let make): return Self.bytes(of: seed, in: all).compactMap(make)
        case .everywhere(let key): return found(key, in: all)
        case .fields(let name, let fields):
            let entries = all[name] as? [[String: Any]] ?? (all[name] as? [String: Any]).map { [$0] } ?? []
            return entries.compactMap { joined(fields, of: $0) }
        case .negatives(let operation, let arguments):
            let entries = (all["negatives"] as? [[String: Any]] ?? []).filter { $0["op"] as? String == operation }
            return entries.compactMap { ($0["args"] as? [String: Any]).flatMap { joined(arguments, of: $0) } }
        }
    }

    private static func found(_ key: String, in value: Any) -> [[UInt8]] {
        if let list = value as? [Any] { return list.flatMap { found(key, in: $0) } }
        guard let object = value as? [String: Any] else { return [] }
        return object.flatMap { name, inner in
            guard name == key else { return found(key, in: inner) }
            return (inner as? [Any] ?? [inner]).compactMap(flattened)
        }
    }

    /// nil where a field is missing or holds no byte string.
    private static func joined(_ fields: [String], of entry: [String: Any]) -> [UInt8]? {
        var out: [UInt8] = []
        for field in fields {
            guard let bytes = entry[field].flatMap(flattened) else { return nil }
            out += bytes
        }
        return out
    }

    /// A hexadecimal string, a small number as one byte, or a list of these.
    private static func flattened(_ value: Any) -> [UInt8]? {
        if let list = value as? [Any] {
            let parts = list.compactMap(flattened)
            return parts.count == list.count ? parts.flatMap { $0 } : nil
        }
        if let number = value as? Int { return UInt8(exactly: number).map { [$0] } }
        guard let text = value as? String, text.utf8.count.isMultiple(of: 2) else { return nil }
        let digits = text.compactMap(\.hexDigitValue)
        guard digits.count == text.count else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
