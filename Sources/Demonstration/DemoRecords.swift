import Exchanges
import Foundation
import Policy
import Polymorphic
import Ristretto255

/// Why a file cannot be deposited.
public enum DemoDataFault: Error, Hashable, Sendable {
    case missing(String)
    case noFile(String)
    case unreadable(String)
    case empty(String)
    case tooLarge(String, bytes: Int)
    case packed(String)
    /// No transaction about one patient.
    case bundle(String)
    /// Resources of kinds for which a consent of its own is needed.
    case sensitive(String, count: Int)

    /// `data.empty` and its like.
    public var code: String {
        switch self {
        case .missing: "data.missing"
        case .noFile: "data.no-file"
        case .unreadable: "data.unreadable"
        case .empty: "data.empty"
        case .tooLarge: "data.too-large"
        case .packed: "data.packed"
        case .bundle: "data.bundle"
        case .sensitive: "data.sensitive"
        }
    }

    /// Cause, and what to do.
    public func text(in language: Language) -> String {
        let words = DemoWords(language)
        return switch self {
        case .missing(let file): words(.dataMissing, [.file: .text(file)])
        case .noFile(let file): words(.dataNoFile, [.file: .text(file)])
        case .unreadable(let file): words(.dataUnreadable, [.file: .text(file)])
        case .empty(let file): words(.dataEmpty, [.file: .text(file)])
        case .packed(let file): words(.dataPacked, [.file: .text(file)])
        case .bundle(let file): words(.dataBundle, [.file: .text(file)])
        case .sensitive(let file, let count): words(.dataSensitive, [.file: .text(file), .count: .count(count)])
        case .tooLarge(let file, let bytes):
            words(.dataLarge, [.file: .text(file), .bytes: .count(bytes), .limit: .count(DemoRecords.bytesMax)])
        }
    }
}

/// What is deposited: opaque bytes, in one record or, where they are many, in several of one size.
public struct DemoRecords: Hashable, Sendable {
    public let content: [UInt8]

    /// One record holds so many bytes. A call carries 64 MiB; records of this size keep its parts small.
    public static let recordBytes = 4 << 20
    /// So many bytes altogether: padded and sealed they fit into one call.
    public static let bytesMax = 32 << 20

    /// - Parameter content: 1 ... `bytesMax` bytes.
    public init(content: [UInt8]) { self.content = content }

    /// The bytes of a file.
    /// - Parameter most: so many bytes at most.
    /// - Throws: `DemoDataFault`.
    public init(file: String, most: Int = bytesMax) throws {
        let values: URLResourceValues
        let url = URL(filePath: file).resolvingSymlinksInPath()
        guard FileManager.default.fileExists(atPath: file) else { throw DemoDataFault.missing(file) }
        do { values = try url.resourceValues(forKeys: [.isRegularFileKey]) } catch {
            throw DemoDataFault.unreadable(file)
        }
        guard values.isRegularFile == true else { throw DemoDataFault.noFile(file) }
        let read: Data
        do {
            let handle = try FileHandle(forReadingFrom: url)
            defer { try? handle.close() }
            let size = try handle.seekToEnd()
            guard size <= UInt64(most) else {
                throw DemoDataFault.tooLarge(file, bytes: Int(clamping: size))
            }
            try handle.seek(toOffset: 0)
            read = try handle.read(upToCount: most + 1) ?? Data()
        } catch let fault as DemoDataFault { throw fault } catch { throw DemoDataFault.unreadable(file) }
        guard !read.isEmpty else { throw DemoDataFault.empty(file) }
        guard read.count <= most else { throw DemoDataFault.tooLarge(file, bytes: read.count) }
        content = Array(read)
    }

    /// The records: parts of the content, each with its number in its id, because a store promises no order.
    func parts(_ random: some RandomSource, minute: UInt64) throws -> [NewRecord] {
        let name = random.bytes(14)
        return try stride(from: 0, to: content.count, by: Self.recordBytes).enumerated().map { number, start in
            let end = min(start + Self.recordBytes, content.count)
            return NewRecord(
                recordID: try Wire.fixed(name + UInt16(number).bigEndianBytes), category: Policy.Category.general.name,
                dataMinute: minute, content: Array(content[start..<end]))
        }
    }

    /// Puts the parts together again by their numbers.
    /// - Returns: nil where one is missing or stands twice.
    static func join(_ records: [(id: Bytes16, content: [UInt8])]) -> [UInt8]? {
        let ordered = records.sorted { $0.id.bytes.lexicographicallyPrecedes($1.id.bytes) }
        guard let name = ordered.first?.id.bytes.prefix(14) else { return nil }
        var out: [UInt8] = []
        for (number, record) in ordered.enumerated() {
            guard record.id.bytes == name + UInt16(number).bigEndianBytes else { return nil }
            out += record.content
        }
        return out
    }

    /// Pieces by which the content is recognised wherever it stands unsealed: 24 bytes each, from all over it, none so
    /// uniform that it could stand somewhere by chance.
    var marks: [[UInt8]] {
        let (length, wanted) = (24, 16)
        guard content.count >= length else { return [] }
        let places = content.count - length + 1
        var out: [[UInt8]] = []
        for number in 0..<wanted {
            // The next place that will do, a bounded way on.
            let start = places * number / wanted
            for place in start..<min(start + 1_024, places) {
                let piece = Array(content[place..<(place + length)])
                guard Set(piece).count >= 8 else { continue }
                if !out.contains(piece) { out.append(piece) }
                break
            }
        }
        return out
    }
}
