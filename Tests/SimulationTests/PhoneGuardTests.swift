import Device
import Exchanges
import Gateway
import Guards
import NumberCentre
import Policy
import Polymorphic
import Ristretto255
import Testing

@testable import Simulation

/// What a phone keeps out, each with its negative control.
@Suite struct PhoneGuardTests {
    private func offer(_ country: Country, _ phone: Phone, _ name: String) async throws -> EnrolmentOffer {
        let centre = try country.numberCentre()
        let (identity, keyHash) = (Array(name.utf8), try phone.keyHash())
        let act = centre.enrolmentAct(identity: identity, keyHash: keyHash)
        return try await centre.enrol(identity: identity, keyHash: keyHash, act, country.officially(act))
    }

    @Test func anOfferThatNotAllHaveSignedIsRefused() async throws {
        try await Country.run(seed: 31) { country in
            let phone = try await country.phone(of: "one", algorithm: .ed25519)
            let offer = try await offer(country, phone, "one")
            let forged = EnrolmentOffer(
                offer.enrolment, signatures: [offer.signatures[0], offer.signatures[0], offer.signatures[2]])
            let refused = await refusal { _ = try await phone.papers(for: forged) }
            #expect(refused == Refusal(.signature))
            let papers = try await Guards.withOff("guard:device.enrolment") { try await phone.papers(for: forged) }
            #expect(papers.entries.count == 3)
        }
    }

    @Test func anOfferForAnotherKeyIsRefused() async throws {
        try await Country.run(seed: 32) { country in
            let (phone, other) = (
                try await country.phone(of: "one", algorithm: .ed25519),
                try await country.phone(of: "two", algorithm: .ed25519)
            )
            let theirs = try await offer(country, other, "two")
            let refused = await refusal { _ = try await phone.papers(for: theirs) }
            #expect(refused == Refusal(.row))
            let papers = try await Guards.withOff("guard:device.enrolment-key") {
                try await phone.papers(for: theirs)
            }
            #expect(papers.enrolID == theirs.enrolment.enrolID)
        }
    }

    @Test func aRowCountsWithTheWordOfAllAlone() async throws {
        try await Country.run(seed: 33) { country in
            let names = country.names
            let phone = try await country.phone(of: "one", algorithm: .es256)
            let papers = try await phone.papers(for: try await offer(country, phone, "one"))
            var answers = try await country.numberCentre().makeRows(papers)
            let (text, signature) = try country.gateway(names.hospitalA).terminal(PurposeOfUse.treatment.name)
            let early = await refusal { _ = try await phone.present(text, signature) }
            #expect(early == Refusal(.row))
            _ = try await Guards.withOff("guard:device.complete") { try await phone.present(text, signature) }

            let good = answers
            answers[1] = answers[0]  // transcryptor 1 speaks for 2
            let forged = answers
            let refused = await refusal { try await phone.accept(forged) }
            #expect(refused == Refusal(.signature, at: 2))
            try await Guards.withOff("guard:device.countersignatures") { try await phone.accept(forged) }
            try await phone.accept(good)
            _ = try await phone.present(text, signature)
        }
    }

    @Test func aPersonIsPresentedToWhoSignedTheTerminalJustNow() async throws {
        try await Country.run(seed: 34) { country in
            let names = country.names
            let phone = try await country.enrol("one").phone
            let text = try country.gateway(names.hospitalA).terminal(PurposeOfUse.treatment.name).text
            let other = try country.gateway(names.hospitalB).requester.secrets.signer.sign(text.bytes)
            let refused = await refusal { _ = try await phone.present(text, other) }
            #expect(refused == Refusal(.signature))
            _ = try await Guards.withOff("guard:device.terminal") { try await phone.present(text, other) }

            let (fresh, signature) = try country.gateway(names.hospitalA).terminal(PurposeOfUse.treatment.name)
            await country.wait(seconds: 121)
            let late = await refusal { _ = try await phone.present(fresh, signature) }
            #expect(late == Refusal(.time))
            _ = try await Guards.withOff("guard:device.terminal-time") { try await phone.present(fresh, signature) }
        }
    }

    @Test func aGiveIsCountedWhereItWasCountersigned() async throws {
        try await Country.run(seed: 35) { country in
            let names = country.names
            let phone = try await country.enrol("one").phone
            let caught = Caught()
            country.network.setLie(names.transcryptors[0]) { call, _, answer in
                guard call == .consent else { return nil }
                caught.add(answer)
                return caught.all[0]  // the word for an earlier give
            }
            let first = try await phone.give(try country.terms(to: names.hospitalA))
            #expect(first.countersigned == [1, 2, 3])
            let second = try await phone.give(try country.terms(to: names.hospitalB))
            #expect(second.countersigned == [2, 3])
            let third = try await Guards.withOff("guard:device.give") {
                try await phone.give(try country.terms(to: names.hospitalB))
            }
            #expect(third.countersigned == [1, 2, 3])
        }
    }

    @Test func aStopIsShownByItsOwnLeaf() async throws {
        try await Country.run(seed: 36) { country in
            let names = country.names
            let phone = try await country.enrol("one").phone
            let gives = [
                try await phone.give(try country.terms(to: names.hospitalA)),
                try await phone.give(try country.terms(to: names.hospitalB)),
            ]
            country.network.setLie(names.transcryptors[0]) { call, _, answer in
                let isStop = call == .consent && (try? Wire.fields(of: answer, 1)) != nil
                return isStop ? Wire.list([UInt64(0).bigEndianBytes]) : nil
            }
            let first = try await phone.withdraw(gives[0])
            #expect(first?.index == 2)
            let second = try await Guards.withOff("guard:device.stop-leaf") { try await phone.withdraw(gives[1]) }
            #expect(second?.index == 1 && second?.leafIndex == 0)
        }
    }

    @Test func aDetailIsShownUnderItsOwnLeaf() async throws {
        try await Country.run(seed: 37) { country in
            let names = country.names
            let phone = try await country.enrol("one").phone
            _ = try await phone.give(try country.terms(to: names.hospitalA))
            _ = try await phone.give(try country.terms(to: names.hospitalB))
            await country.wait(seconds: 2)
            country.network.setLie(names.transcryptors[0]) { call, _, bytes in
                guard call == .head, let answer = try? HeadAnswer(wire: bytes), answer.details.count == 3 else {
                    return nil
                }
                // The two gives change places.
                let (a, b) = (answer.details[1], answer.details[2])
                func under(_ place: HeadAnswer.Listed, _ detail: HeadAnswer.Listed) -> HeadAnswer.Listed {
                    HeadAnswer.Listed(
                        leafIndex: place.leafIndex, requestDigest: detail.requestDigest, item: detail.item,
                        detail: detail.detail)
                }
                return HeadAnswer(
                    head: answer.head, signature: answer.signature,
                    details: [answer.details[0], under(a, b), under(b, a)]
                ).bytes
            }
            let honest = try await phone.history()
            #expect(honest.doubts == [.falseDetail(1)])
            let misled = try await Guards.withOff("guard:device.detail") { try await phone.history() }
            #expect(misled.doubts == [])
            #expect(misled.entries.count == 9)
        }
    }
}
