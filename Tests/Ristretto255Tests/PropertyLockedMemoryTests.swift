import Foundation
import PropertySupport
import Testing

@testable import Ristretto255

/// The pool behind all secrets. Its pieces are never unmapped, so a released one can be looked at. The sizes used here
/// are used by nothing else in this suite, so that no other test takes the same piece.
@Suite(.serialized) struct PropertyLockedMemoryTests {
    @Test func aReleasedPieceIsWipedBeforeAnyoneCanHaveItAgain() {
        let size = 8_192
        for _ in 0..<100 {
            let address: UnsafeMutableRawPointer
            do {
                let secret = SecretBytes(count: size) { $0.initializeMemory(as: UInt8.self, repeating: 0xa5) }
                address = secret.pointer
                #expect(UnsafeRawBufferPointer(start: address, count: size).allSatisfy { $0 == 0xa5 })
            }
            #expect(UnsafeRawBufferPointer(start: address, count: size).allSatisfy { $0 == 0 })
            var seen: [UInt8] = []
            let again = SecretBytes(count: size) { seen = [UInt8]($0) }
            #expect(again.pointer == address && seen.count == size && seen.allSatisfy { $0 == 0 })
        }
    }

    @Test func aSecretThatCouldNotBeMadeGivesItsPieceBack() {
        struct Failure: Error {}
        let size = 4_096
        var addresses = Set<UnsafeMutableRawPointer>()
        for _ in 0..<1_000 {
            #expect(throws: Failure.self) {
                _ = try SecretBytes(count: size) { buffer throws(Failure) in
                    buffer.initializeMemory(as: UInt8.self, repeating: 0x5a)
                    if let base = buffer.baseAddress { addresses.insert(base) }
                    throw Failure()
                }
            }
        }
        #expect(addresses.count == 1)
        for address in addresses {
            #expect(UnsafeRawBufferPointer(start: address, count: size).allSatisfy { $0 == 0 })
        }
    }

    @Test func aRefusedScalarGivesItsPieceBack() throws {
        let before = try lockedKilobytes()
        for _ in 0..<50_000 { _ = try? SecretScalar(decoding: [UInt8](repeating: 0xff, count: 32)) }
        for _ in 0..<5_000 {
            _ = try? SecretScalars(decoding: [[UInt8]](repeating: [UInt8](repeating: 0xff, count: 32), count: 40))
        }
        // 50,000 lost pieces of 32 bytes would be 1.6 MB, 5,000 of 2 KiB 10 MB.
        #expect(try lockedKilobytes() - before < 1_024)
    }

    private func lockedKilobytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmLck:") })
        return try #require(Int(line.split(separator: " ").dropLast().last ?? ""))
    }

    /// The address ranges that are in use.
    private final class Alive: Sendable {
        private let ranges = Locked<[Range<UInt>]>([])

        /// - Returns: whether nothing else holds a part of it.
        func add(_ range: Range<UInt>) -> Bool {
            ranges.withLock { all in
                defer { all.append(range) }
                return !all.contains { $0.overlaps(range) }
            }
        }
        func remove(_ range: Range<UInt>) { ranges.withLock { all in all.removeAll { $0 == range } } }
    }

    @Test func piecesThatAreAliveNeverOverlapWhateverTheThreads() async {
        let alive = Alive()
        await withTaskGroup(of: Bool.self) { group in
            for task in 0..<16 {
                group.addTask {
                    let random = Seeded("pool \(task)")
                    var good = true
                    for _ in 0..<300 {
                        let size = random.pick([1, 31, 32, 33, 64, 65, 500, 1_024, 2_048, 8_000, 10_000])
                        let mark = UInt8(truncatingIfNeeded: random.next() | 1)
                        let secret = SecretBytes(count: size) { buffer in
                            good = good && buffer.allSatisfy { $0 == 0 }
                            buffer.initializeMemory(as: UInt8.self, repeating: mark)
                        }
                        let start = UInt(bitPattern: secret.pointer)
                        let range = start..<start + UInt(size)
                        let isFree = alive.add(range)
                        await Task.yield()
                        good = good && isFree && secret.withBytes { $0.allSatisfy { $0 == mark } }
                        alive.remove(range)
                    }
                    return good
                }
            }
            for await good in group { #expect(good) }
        }
    }

    @Test func comparingSecretBytesSeesEveryBitAndTheLength() {
        let random = Seeded("compare")
        for count in 0...64 {
            let bytes = random.bytes(count)
            let secret = SecretBytes(copying: bytes)
            #expect(bytes.withUnsafeBytes { secret.constantTimeEquals($0) })
            #expect(constantTimeEquals(bytes, bytes))
            for bit in 0..<8 * count {
                let other = bytes.flipping(bit: bit)
                #expect(!other.withUnsafeBytes { secret.constantTimeEquals($0) } && !constantTimeEquals(bytes, other))
            }
            #expect(!(bytes + [0]).withUnsafeBytes { secret.constantTimeEquals($0) })
            #expect(!constantTimeEquals(bytes, bytes + [0]))
            #expect(secret.isZero == bytes.allSatisfy { $0 == 0 })
        }
    }
}
