import Crypto
import CSodium
import Foundation
import Polymorphic
import Ristretto255
import Simulation

/// The figures of the cryptographic core. Every operation is timed from wire bytes to wire bytes through the public
/// interface: decoding, hashing, signing and sealing are inside.
enum CoreBench {
    static let sizes = [1, 10, 100, 256]

    static func run(_ report: inout Report) throws {
        let fixture = try CoreFixture()
        for m in sizes { try batch(m, fixture, &report) }
        try threads(fixture, &report)
        try memory(fixture, &report)
        try EnvelopeBench.run(fixture, &report)
        try TimingBench.run(fixture, &report)
    }

    private static func batch(_ m: Int, _ fixture: CoreFixture, _ report: inout Report) throws {
        let operations = try CoreOperations(m, fixture)
        let sodium = SodiumFloor()
        let engine = EngineFloor(m)
        let subjects =
            [Subject(name: "a", items: m) { for _ in 0..<m { sodium.item() } }]
            + operations.subjects + engine.subjects
        let times = try interleaved(subjects, rounds: 9)
        let v = median(times["V"] ?? []), f = median(times["F"] ?? [])
        let h = median(times["h"] ?? []), public253 = median(times["v"] ?? [])
        report.line(
            "m = \(m): V \(fmt(v)) us, v \(fmt(public253)), h \(fmt(h)), F \(fmt(f)); "
                + "(a) \(fmt(median(times["a"] ?? [])))"
        )
        let count = Double(m)
        let floors: [String: Double] = [
            "reshuffle": 2 * v + 2 * f + (m > 1 ? 2 * h * (count - 1) / count : 0) + (3 * v + 2 * f) / count,
            "verify": (m > 1 ? 4 * h * (count - 1) / count : 0) + (6 * public253 + 2 * f) / count,
            "share": v + public253 + (2 * v + f) / count, "share_verify": 2 * public253 + (3 * public253 + f) / count,
        ]
        for name in CoreOperations.names {
            let id = "core.\(name).m\(m)"
            let value = median(times[name] ?? [])
            report.add(id + ".us", value, "us", 9, "CPU per item, wire to wire")
            report.add(id + ".ratio", ratio(times, name, "a"), "x", 9, "to (a), same run")
            if let floor = floors[name] {
                report.add(id + ".floor_ratio", value / floor, "x", 9, "to the counted multiplications, same run")
            }
        }
    }

    /// Two threads, each with a batch of its own, against two threads of plain multiplications, in alternating slices.
    private static func threads(_ fixture: CoreFixture, _ report: inout Report) throws {
        let wire = try fixture.batch(100)
        let secret = SharedScalar(fixture.random)
        let point = try Element(Point(uniform: fixture.random.draw())).point
        let reshuffle: @Sendable () throws -> Void = {
            let chain = try fixture.chain(wire)
            let maker = fixture.country.transcryptors[0]
            for _ in 0..<8 {
                _ = try maker.maker.step(
                    chain, after: [], holder: 1, factor: fixture.factors[0], fresh: fixture.random.draw())
            }
        }
        let multiply: @Sendable () throws -> Void = { for _ in 0..<3_000 { _ = secret.value.times(point) } }
        var ratios: [Double] = []
        for _ in 0..<9 {
            let ours = try speedup(reshuffle)
            let plain = try speedup(multiply)
            ratios.append(ours / plain)
        }
        report.add("core.threads2.ratio", median(ratios), "x", 9, "speed-up of reshuffle over that of multiplications")
    }

    private static func speedup(_ work: @escaping @Sendable () throws -> Void) throws -> Double {
        let start = wallNanoseconds()
        try work()
        let one = Double(wallNanoseconds() - start)
        let second = wallNanoseconds()
        let group = DispatchGroup()
        for _ in 0..<2 { DispatchQueue.global().async(group: group) { try? work() } }
        group.wait()
        return 2 * one / Double(wallNanoseconds() - second)
    }

    /// What a batch of 256 needs beyond its input and output: the highest resident size while it is reshuffled and
    /// verified, less what was resident before.
    private static func memory(_ fixture: CoreFixture, _ report: inout Report) throws {
        let chain = try fixture.chain(try fixture.batch(256))
        var steps = try fixture.steps(chain)
        let before = ResidentMemory.now()
        ResidentMemory.resetPeak()
        steps = try fixture.steps(chain)
        _ = try chain.verify(steps, keys: fixture.country.keys)
        report.add(
            "core.batch256.extra_bytes", Double(max(0, ResidentMemory.peak() - before)), "bytes", 1,
            "peak resident size of reshuffle and verify over that before")
    }
}

/// Resident memory of this process, from the kernel.
enum ResidentMemory {
    static func now() -> Int { field("VmRSS:") }
    static func peak() -> Int { field("VmHWM:") }
    static func resetPeak() { try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8) }

    private static func field(_ name: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
        return (Int(line.split(whereSeparator: { !$0.isNumber }).first ?? "") ?? 0) * 1_024
    }
}

/// A secret by reference, for closures.
final class SharedScalar: Sendable {
    let value: SecretScalar
    init(_ random: some RandomSource) { value = SecretScalar(from: random) }
}
