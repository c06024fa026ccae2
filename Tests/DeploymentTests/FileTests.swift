@testable import Deployment
import Device
import Exchanges
import Foundation
import Guards
import Ledger
import Polymorphic
import Ristretto255
import Testing
import TransparencyLog

/// Files of a node: those that are damaged, missing or open to others are not used.
@Suite struct FileTests {
    @Test func secretsThatOthersMayReadAreNotUsed() async throws {
        try await withFolder { path in
            let file = SecretFile(path + "/secrets")
            try file.make([.bytes, .scalar], from: SystemRandom())
            for mode in [0o640, 0o604, 0o660, 0o644, 0o610] {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
                #expect(throws: DeploymentFault.self, "\(mode)") { try file.read() }
                try Guards.withOff("guard:secrets.mode") {
                    let fields = try file.read()
                    #expect(fields.count == 2)
                }
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
            _ = try file.read()
        }
    }

    @Test func secretsThatAreDamagedAreNotUsed() async throws {
        try await withFolder { path in
            let file = SecretFile(path + "/secrets")
            #expect(throws: DeploymentFault.file("\(file.path) is missing")) { try file.read() }
            try file.make([.bytes, .bytes], from: SystemRandom())
            #expect(throws: DeploymentFault.exists(file.path)) { try file.make([.bytes], from: SystemRandom()) }
            let whole = try Data(contentsOf: URL(fileURLWithPath: file.path))
            let damaged: [Data] = [
                Data(), whole.prefix(7), whole.prefix(8), whole.prefix(20), whole.dropLast(), whole + [0],
                Data("WRFK0002".utf8) + whole.dropFirst(8), Data(repeating: 1, count: 1 << 20),
            ]
            for (number, bytes) in damaged.enumerated() {
                try DurableFile(file.path).write(Array(bytes))
                #expect(throws: DeploymentFault.file("\(file.path) is damaged"), "\(number)") { try file.read() }
            }
            try DurableFile(file.path).write(Array(whole))
            let fields = try file.read()
            #expect(throws: Refusal(.length)) { _ = try fields.field(2) }
            #expect(throws: Refusal(.length)) { _ = try fields.field(-1) }
        }
    }

    @Test func aScalarThatIsNoneIsRefused() async throws {
        try await withFolder { path in
            let file = SecretFile(path + "/secrets")
            try DurableFile(file.path).write(Array("WRFK0001".utf8) + [UInt8](repeating: 0xff, count: 32))
            #expect(throws: Refusal(.scalar)) { _ = try file.read().scalar(0) }
        }
    }

    @Test func jsonThatIsDamagedIsRefusedWithoutItsContent() async throws {
        try await withFolder { path in
            let file = path + "/node.json"
            #expect(throws: DeploymentFault.file("\(file) is missing")) { try JSONFile.read(NodeConfig.self, file) }
            let deep = String(repeating: "[", count: 100_000)
            for text in ["", "{", "null", "[]", #"{"id":"secret-word"}"#, deep, "\u{0}\u{0}"] {
                try DurableFile(file).write(Array(text.utf8))
                let fault = #expect(throws: DeploymentFault.self) { try JSONFile.read(NodeConfig.self, file) }
                #expect(fault?.description.contains("secret-word") == false)
            }
            try DurableFile(file).write([UInt8](repeating: 0x20, count: 9 << 20))
            #expect(throws: (any Error).self) { try JSONFile.read(NodeConfig.self, file) }
        }
    }

    @Test func aKeyWithoutItsPublicSideActsForNobody() async throws {
        try await withFolder { path in
            let home = CountryHome(path)
            try home.makeCountry(from: SystemRandom())
            let officer = home.officers()[0]
            #expect(throws: DeploymentFault.self) { try officer.credential() }
            let open = String(officer.path.dropLast(4)) + ".json"
            let text = try String(contentsOfFile: open, encoding: .utf8)
            let person = Hex.encode(try officer.load().personID.bytes)
            for damaged in ["", "{}", text.replacing(person, with: "zz"), text.replacing(person, with: "00")] {
                try DurableFile(open).write(Array(damaged.utf8))
                #expect(throws: DeploymentFault.self) { try officer.load() }
            }
            try FileManager.default.removeItem(atPath: open)
            #expect(throws: DeploymentFault.file("\(open) is missing")) { try officer.load() }
        }
    }

    @Test func aNodeIsMadeOnce() async throws {
        try await withFolder { path in
            let home = CountryHome(path)
            try home.makeCountry(from: SystemRandom())
            #expect(throws: DeploymentFault.exists(home.path)) { try home.makeCountry(from: SystemRandom()) }
            let making = NodeFolder.Making(.hospital, id: "hospital")
            let node = try home.makeNode(making, from: SystemRandom())
            let card = try node.card()
            #expect(throws: DeploymentFault.exists(node.path)) { try home.makeNode(making, from: SystemRandom()) }
            #expect(try node.card() == card)
            for id in ["../x", "a/b", "", ".", "A", String(repeating: "a", count: 300)] {
                #expect(throws: (any Error).self, "\(id)") {
                    try home.makeNode(NodeFolder.Making(.shop, id: id), from: SystemRandom())
                }
            }
            let secret = try FileManager.default.attributesOfItem(atPath: node.path + "/tls.key")
            #expect(secret[.posixPermissions] as? Int == 0o600)
        }
    }
}
