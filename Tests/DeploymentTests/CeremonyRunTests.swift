@testable import Deployment
import Exchanges
import Foundation
import Guards
import Ledger
import Policy
import Polymorphic
import Ristretto255
import Testing
import TransparencyLog

/// Whole ceremonies over files that somebody carries. Whatever goes wrong, nobody keeps a share.
@Suite struct CeremonyRunTests {
    @Test func allEndWithTheSameRecord() async throws {
        try await withFolder { path in
            let ceremony = try CarriedCeremony(path)
            let ended = try await ceremony.run()
            let records = try ended.values.map { try $0.get().packed }
            #expect(records.count == 3 && Set(records).count == 1)
            for index in UInt8(1)...3 { #expect(ceremony.hasShares(index)) }
            let signed = try ceremony.folder(1).record()
            #expect(signed.bytes == records[0] && signed.signatures.count == 3)
        }
    }

    @Test func afterOneThatWasGivenUpAnotherWorks() async throws {
        try await withFolder { path in
            let ceremony = try CarriedCeremony(path)
            // The third comes for three rounds and not for the last.
            let ended = try await ceremony.run(
                { round, from, _, bytes in round == 3 && from == 3 ? nil : bytes }, within: .seconds(2))
            for index in UInt8(1)...2 {
                #expect(ended[index]?.fault?.description.contains("round 3") == true)
            }
            for index in UInt8(1)...3 { #expect(!ceremony.hasShares(index)) }
            let again = try await ceremony.run()
            #expect(again.values.filter { $0.isSuccess }.count == 3)
        }
    }

    @Test func boxesOfADealerThatAreSwappedAreRefused() async throws {
        try await withFolder { path in
            let ceremony = try CarriedCeremony(path)
            let ended = try await ceremony.run(
                { round, from, _, bytes in
                    guard round == 3, from == 1 else { return bytes }
                    // The dealer itself: its message is signed anew, so only the dealing can show it.
                    var said = try Wire.fields(of: try Wire.fields(of: bytes, 2)[0], 5)
                    var fields = try Wire.fields(of: said[4], 2)
                    let boxes = try Wire.elements(of: fields[0], maximum: 16).map { try Wire.fields(of: $0, 2) }
                    fields[0] = Wire.list([
                        Wire.list([boxes[0][0], boxes[1][1]]), Wire.list([boxes[1][0], boxes[0][1]]),
                    ])
                    said[4] = Wire.list(fields)
                    return try ceremony.sign(1, Wire.list(said))
                }, within: .seconds(2))
            #expect(ended[2]?.refusal == Refusal(.signature, at: 1))
            #expect(ended[3]?.refusal == Refusal(.signature, at: 1))
            #expect(ended[1]?.fault != nil)
            for index in UInt8(1)...3 { #expect(!ceremony.hasShares(index)) }
        }
    }

    @Test func aStepBoxOfAnotherHolderIsRefused() async throws {
        try await withFolder { path in
            let ceremony = try CarriedCeremony(path)
            let ended = try await ceremony.run(
                { round, from, _, bytes in
                    guard round == 2, from == 1 else { return bytes }
                    var said = try Wire.fields(of: try Wire.fields(of: bytes, 2)[0], 5)
                    var fields = try Wire.fields(of: said[4], 3)
                    var boxes = try Wire.elements(of: fields[2], maximum: 255).map { try Wire.fields(of: $0, 3) }
                    let swapped = boxes.indices.map { boxes[($0 + 1) % boxes.count][2] }
                    for place in boxes.indices { boxes[place][2] = swapped[place] }
                    fields[2] = Wire.list(boxes.map { Wire.list($0) })
                    said[4] = Wire.list(fields)
                    return try ceremony.sign(1, Wire.list(said))
                }, within: .seconds(2))
            #expect(ended[2]?.refusal != nil || ended[3]?.refusal != nil)
            for index in UInt8(1)...3 { #expect(!ceremony.hasShares(index)) }
        }
    }

    @Test func aPlanWithAnotherKeyInTheParticipantsNameIsRefused() async throws {
        try await withFolder { path in
            let ceremony = try CarriedCeremony(path)
            // The organiser's own Z in the second one's name: what others seal to it, the organiser opens.
            let opening = OpeningKey(SecretScalar(from: SystemRandom()))
            var plan = ceremony.plan
            plan.cards[1].sealingKey = Hex.encode(opening.element.encoding.bytes)
            plan.cards[1].possession = Hex.encode(
                opening.provePossession(party: try PartyID("t2"), keyEpoch: 1, fresh: SystemRandom().draw()).bytes
                    .bytes)
            let plans: [UInt8: CeremonyFolder.Plan] = [1: plan, 2: plan, 3: plan]
            let ended = try await ceremony.run(plans: plans, within: .seconds(1))
            #expect(ended[2]?.fault?.description.contains("ceremony.json") == true)
            #expect(!ceremony.handedIn(1, 2) && !ceremony.handedIn(2, 1))
            try await Guards.withOff("guard:ceremony.own-card") {
                _ = try await ceremony.run(plans: plans, within: .seconds(2))
                // The others have sealed halves to the organiser.
                #expect(ceremony.handedIn(2, 1) && ceremony.handedIn(2, 3))
            }
            for index in UInt8(1)...3 { #expect(!ceremony.hasShares(index)) }
        }
    }

    @Test func whoHasSharesTakesPartInNoOther() async throws {
        try await withFolder { path in
            let ceremony = try CarriedCeremony(path)
            let first = try await ceremony.run()
            #expect(first.values.filter { $0.isSuccess }.count == 3)
            let kept = try Data(contentsOf: URL(fileURLWithPath: ceremony.node(1).file("shares")))
            for index in UInt8(2)...3 {
                try FileManager.default.removeItem(atPath: ceremony.node(index).file("shares"))
            }
            let ended = try await ceremony.run(within: .seconds(1))
            #expect(ended[1]?.fault == .exists(ceremony.node(1).file("shares")))
            #expect(!ceremony.hasShares(2) && !ceremony.hasShares(3))
            try await Guards.withOff("guard:ceremony.once") {
                // The others end with a key of which the first holds no share.
                let broken = try await ceremony.run()
                #expect(broken[2]?.isSuccess == true && broken[3]?.isSuccess == true)
                #expect(broken[1]?.isSuccess == false)
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: ceremony.node(1).file("shares"))) == kept)
        }
    }

    @Test func aPinNeedsTheSignaturesOfAll() async throws {
        try await withFolder { path in
            let ceremony = try CarriedCeremony(path)
            _ = try await ceremony.run()
            let others = CountryRun.nodes.filter { $0.kind != .transcryptor && $0.kind != .hospital }
            for making in others { try ceremony.home.makeNode(making, from: SystemRandom()) }
            let cards = try (CarriedCeremony.ids + others.map(\.id)).map { try ceremony.home.node($0).card() }
            let folder = ceremony.folder(1)
            let signed = try folder.record()
            // The third one's signature is the first one's.
            var signatures = signed.signatures
            signatures[2] = signatures[0]
            try folder.finish(SignedEntry(signed.bytes, signatures: signatures))
            let file = ceremony.home.country + "/country.json"
            #expect(throws: Refusal(.signature, at: 3)) { try ceremony.home.pin(folder, cards) }
            #expect(!FileManager.default.fileExists(atPath: file))
            try Guards.withOff("guard:ceremony.signatures") { try ceremony.home.pin(folder, cards) }
            #expect(FileManager.default.fileExists(atPath: file))
        }
    }
}
