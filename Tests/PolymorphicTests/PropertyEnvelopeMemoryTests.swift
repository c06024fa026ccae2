import Crypto
import Foundation
import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// A long body is sealed and opened as a stream, in memory that does not grow with it.
///
/// The peak of a process counts what all its tests use, so this test runs once more in a process of its own.
/// `WARIFU_ENVELOPE_MIB=1024` in the environment makes the body a GiB (some seconds).
@Suite struct PropertyEnvelopeMemoryTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let variable = "WARIFU_ENVELOPE_MIB"
    private static let child = "WARIFU_ENVELOPE_CHILD"
    private static let allowedKilobytes = 16 * 1_024

    @Test func aLongBodyNeedsLittleMemoryWhateverItsLength() throws {
        let megabytes = Self.environment[Self.variable].flatMap { Int($0) } ?? 64
        guard Self.environment[Self.child] == nil else { return try Self.measure(megabytes) }
        let process = Process()
        process.executableURL = URL(
            filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.arguments = ["--testing-library", "swift-testing", "--filter", "aLongBodyNeedsLittleMemory"]
        process.environment = Self.environment.merging([Self.child: "1", Self.variable: "\(megabytes)"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        let line = said.split(separator: "\n").first { $0.hasPrefix("envelope of ") }
        print(line ?? "the other process said:\n\(said)")
        #expect(process.terminationStatus == 0 && line != nil)
    }

    private static func measure(_ megabytes: Int) throws {
        let world = try World("long body")
        let author = world.hospital
        let folder = FileManager.default.temporaryDirectory.appending(path: "envelope-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "body")
        // Once small, so that what is made only once counts for nothing.
        try roundTrip(world, author, 1, path)
        let before = try peak()
        try roundTrip(world, author, megabytes, path)
        let grown = try peak() - before
        print("envelope of \(megabytes) MiB: peak memory grew by \(grown) KiB")
        #expect(grown < allowedKilobytes)
    }

    /// Seals into a file, opens from it, and compares hashes of what went in and came out.
    private static func roundTrip(_ world: World, _ author: Party, _ megabytes: Int, _ path: URL) throws {
        var (wentIn, cameOut, bodyHash) = (SHA256(), SHA256(), SHA256())
        try Data().write(to: path)
        let written = try FileHandle(forWritingTo: path)
        var sealer = try world.sealer(world.header(author), author, subject: world.subject())
        for part in pieces(megabytes, world.random) {
            try part.withUnsafeBytes { raw in
                wentIn.update(bufferPointer: raw)
                try sealer.update(raw) { try write($0, to: written) }
            }
        }
        let prefix = try sealer.finish(signer: author.signer) { try write($0, to: written) }
        try written.close()
        try read(path) { bodyHash.update(bufferPointer: $0) }
        let key = try world.recordKey(prefix.header, for: world.medical)
        var opener = try EnvelopeOpener(
            prefix, bodyHash: Array(bodyHash.finalize()), key: key, authorKeys: [author.signer.verifyingKey])
        try read(path) { raw in try opener.update(raw) { cameOut.update(bufferPointer: $0) } }
        try opener.finish { cameOut.update(bufferPointer: $0) }
        #expect(Array(wentIn.finalize()) == Array(cameOut.finalize()))
    }

    /// Pieces of different lengths, in all so many MiB: random bytes, zeros, and bytes that look like padding.
    private static func pieces(_ megabytes: Int, _ random: Seeded) -> some Sequence<[UInt8]> {
        let template = random.bytes(100_000)
        return sequence(state: megabytes << 20) { (rest: inout Int) -> [UInt8]? in
            guard rest > 0 else { return nil }
            let count = min(rest, random.int(in: 1...100_000))
            rest -= count
            switch random.int(in: 0...9) {
            case 0: return [UInt8](repeating: 0, count: count)
            case 1: return [0x80] + [UInt8](repeating: 0, count: count - 1)
            default: return Array(template.prefix(count))
            }
        }
    }

    private static func write(_ raw: UnsafeRawBufferPointer, to handle: FileHandle) throws {
        guard let base = raw.baseAddress else { return }
        try handle.write(
            contentsOf: Data(bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: raw.count, deallocator: .none)
        )
    }

    private static func read(_ path: URL, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let handle = try FileHandle(forReadingFrom: path)
        defer { try? handle.close() }
        while let part = try handle.read(upToCount: 70_001), !part.isEmpty { try part.withUnsafeBytes { try body($0) } }
    }

    /// The most resident memory that this process ever had, in KiB.
    private static func peak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(Int(line.split(separator: " ").dropLast().last ?? ""))
    }
}
