@testable import Deployment
import Exchanges
import Foundation
import Guards
import Policy
import Polymorphic
import Ristretto255
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A founding that was killed at any step goes on at the next start.
@Suite(.serialized) struct FoundingTests {
    private struct Written {
        let name: String
        let nanoseconds: Int
    }

    /// All files of a home in the order in which they were written, as far as the clock of the disk tells it.
    private static func files(_ home: CountryHome) throws -> [Written] {
        var all: [Written] = []
        let names = FileManager.default.enumerator(atPath: home.path)
        while let name = names?.nextObject() as? String {
            var status = stat()
            guard stat(home.path + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            all.append(Written(name: name, nanoseconds: status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec))
        }
        return all.sorted { ($0.nanoseconds, $0.name) < ($1.nanoseconds, $1.name) }
    }

    /// Files that are not replaced as a whole: a loss of power may leave the beginning.
    private static func isSecretFile(_ name: String) -> Bool {
        let last = name.split(separator: "/").last ?? ""
        return last == "secrets" || last == "shares"
            || (last.hasSuffix(".key") && (name.contains("offic") || name.contains("/staff/")))
    }

    /// Every transcryptor holds a share of the key that was pinned.
    private static func expectWhole(_ home: CountryHome, _ what: String) throws {
        let record = try PinnedCountry(folder: home.country).pins.ceremony
        for index in 1...3 {
            let shares = try SecretFile(home.node("t\(index)").file("shares")).read()
            let mine = try Element(try shares.scalar(0).timesGenerator())
            #expect(mine == record.pseudonyms.shares[index - 1], "\(what)")
        }
        for making in CountryRun.nodes { #expect(try home.node(making.id).config().id == making.id) }
        for file in home.officers() + home.officials() { _ = try file.load() }
        for hospital in CountryRun.hospitals {
            for person in ["physician", "clerk"] {
                _ = try AuthenticatorFile("\(home.path)/nodes/\(hospital)/staff/\(person).key").load()
            }
        }
    }

    @Test func aFoundingThatWasKilledAnywhereGoesOn() async throws {
        try await withFolder { path in
            let first = CountryHome(path + "/first")
            try await CountryRun(first, logger: TestCountry.quiet).found()
            try Self.expectWhole(first, "at once")
            let files = try Self.files(first)
            let ends = ["shares", "ceremony", "record", "systems.json", "officers.json"]
            // Of files that were written within one tick nobody knows the order: a kill comes behind all of them.
            let known = files.indices.dropLast().filter { files[$0].nanoseconds < files[$0 + 1].nanoseconds }
            let steps = known.enumerated().filter { count, place in
                let name = files[place].name
                return count % 9 == 0 || ends.contains { name.hasSuffix("/" + $0) } || name.contains("round-4")
            }.map(\.element)
            #expect(!steps.isEmpty)
            for step in steps {
                let home = CountryHome(path + "/killed")
                try FileManager.default.copyItem(atPath: first.path, toPath: home.path)
                for file in files[(step + 1)...] {
                    try FileManager.default.removeItem(atPath: home.path + "/" + file.name)
                }
                let name = files[step].name
                let isAlone = step == 0 || files[step - 1].nanoseconds < files[step].nanoseconds
                if isAlone, Self.isSecretFile(name) { #expect(truncate(home.path + "/" + name, 20) == 0) }
                try await CountryRun(home, logger: TestCountry.quiet).found()
                try Self.expectWhole(home, name)
                try FileManager.default.removeItem(atPath: home.path)
            }
        }
    }

    @Test func accreditingThatWasInterruptedGoesOn() async throws {
        try await withFolder { path in
            let folder = path + "/country"
            let before = try await TestCountry.with(folder) { try await $0.published().count }
            try FileManager.default.removeItem(atPath: folder + "/founded")
            try await TestCountry.with(folder) { country in
                let after = try await country.published().count
                #expect(after == before)
                #expect(FileManager.default.fileExists(atPath: folder + "/founded"))
            }
        }
    }

    @Test func sharesOfAnotherCeremonyAreNotTakenAway() async throws {
        try await withFolder { path in
            let home = CountryHome(path + "/home")
            try home.makeCountry(from: SystemRandom())
            let node = try home.makeNode(NodeFolder.Making(.transcryptor, id: "t1"), from: SystemRandom())
            // As a ceremony elsewhere has left them.
            try SecretFile(node.file("shares")).make([.scalar, .scalar], from: SystemRandom())
            let run = CountryRun(home, logger: TestCountry.quiet)
            await #expect(throws: DeploymentFault.exists(node.file("shares"))) { try await run.found() }
            _ = try SecretFile(node.file("shares")).read()
        }
    }
}
