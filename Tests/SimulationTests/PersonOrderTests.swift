import Device
import Exchanges
import Foundation
import Policy
import Polymorphic
import Ristretto255
import Simulation
import Testing

/// `WARIFU_SOAK=1`: all orders and all faults, some minutes.
private let isSoak = ProcessInfo.processInfo.environment["WARIFU_SOAK"] != nil

/// What a person does, in every order, ends in the same state at all transcryptors.
@Suite struct PersonOrderTests {
    enum Event: String, CaseIterable, Sendable { case give, narrow, withdraw, denyAll, secondPhone, restart }

    /// One person, with what must hold in the end.
    private final class Actor {
        let country: Country
        let enrolID: Bytes16
        private let name: String
        private var phones: [Phone]
        private var gives: [KeptGive]
        /// The gives that may still be used.
        private(set) var usable: Set<Bytes16>
        private(set) var devices = 1
        /// Of a phone that is being added.
        private var newParts: Phone.Parts?

        init(_ country: Country, _ name: String) async throws {
            (self.country, self.name) = (country, name)
            let resident = try await country.enrol(name)
            (enrolID, phones) = (resident.enrolID, [resident.phone])
            let first = try await resident.phone.give(try country.terms(to: country.names.hospitalA))
            (gives, usable) = ([first], [first.give.id])
        }

        /// The phone that was added last.
        private var phone: Phone { phones[phones.count - 1] }

        func act(_ event: Event) async throws {
            let names = country.names
            switch event {
            case .give:
                gives.append(try await phone.give(try country.terms(to: names.hospitalA)))
                usable.insert(gives[gives.count - 1].give.id)
            case .narrow:
                let old = gives[gives.count - 1]
                let new = try await phone.narrow(old, to: try country.terms(to: names.hospitalA, [.laboratory]))
                gives.append(new)
                usable.remove(old.give.id)
                usable.insert(new.give.id)
            case .withdraw:
                let old = gives[0]
                _ = try await phone.withdraw(old)
                usable.remove(old.give.id)
            case .denyAll:
                _ = try await phone.denyAll()
                usable = []
            case .secondPhone:
                // Whoever is interrupted goes on with the same phone.
                let parts: Phone.Parts
                if let known = newParts {
                    parts = known
                } else {
                    parts = try await country.phoneParts("\(name)'s phone \(phones.count + 1)")
                }
                newParts = parts
                phones.append(try await country.secondPhone(phone, parts))
                (devices, newParts) = (devices + 1, nil)
            case .restart: break
            }
        }

        /// All are up again: what was not everywhere is brought there, and all read the Ledger.
        func settle() async throws {
            await country.wait(seconds: 2)
            for phone in phones {
                _ = try await phone.settle()
                _ = try await phone.history()
            }
        }

        func expectAgreement(_ what: String) async throws {
            let rows = try await country.rows(of: enrolID)
            #expect(Set(rows).count == 1 && rows.count == 3, "\(what): \(rows.map(\.usable.count))")
            #expect(rows.allSatisfy { $0.usable == usable }, "\(what)")
            #expect(rows.allSatisfy { $0.devices.count == devices }, "\(what)")
        }
    }

    /// The `number`-th order of `events`.
    private static func order(_ number: Int, _ events: [Event]) -> [Event] {
        var (left, rest, out) = (events, number, [Event]())
        while !left.isEmpty {
            out.append(left.remove(at: rest % left.count))
            rest /= left.count + 1
        }
        return out
    }

    /// A transcryptor is away while the next thing happens: for a moment, or for all of it.
    private static func run(_ events: [Event], _ number: Int, in country: Country) async throws {
        let node = country.names.transcryptors[number % 3]
        let person = try await Actor(country, "order \(number)")
        var isAway = false
        for event in events {
            if event == .restart {
                if number / 3 % 2 == 0 {
                    country.network.crash(node, forMilliseconds: 1_000)
                } else {
                    country.network.setDown(node, true)
                    isAway = true
                }
                continue
            }
            do { try await person.act(event) } catch let refusal as Refusal where isAway {
                // A phone is added at all of them or not at all.
                #expect(refusal.code == .unavailable && event == .secondPhone, "\(event): \(refusal)")
                country.network.setDown(node, false)
                try await person.act(event)
            }
            country.network.setDown(node, false)
            isAway = false
        }
        country.network.setDown(node, false)
        try await person.settle()
        try await person.expectAgreement("\(events.map(\.rawValue))")
    }

    @Test func everyOrderEndsInTheSameStateEverywhere() async throws {
        let orders = (0..<720).map { Self.order($0, Event.allCases) }
        #expect(Set(orders).count == 720)
        let numbers = isSoak ? Array(0..<720) : Array(stride(from: 0, to: 720, by: 31))
        // A country for forty persons each: stores in memory are searched from end to end.
        for start in stride(from: 0, to: numbers.count, by: 40) {
            let some = numbers[start..<min(start + 40, numbers.count)]
            try await Country.run(seed: 241 + UInt64(start)) { country in
                for number in some { try await Self.run(orders[number], number, in: country) }
            }
        }
    }

    /// One fault at each message of one person's day.
    @Test(arguments: [MessageFault.answerDropped, .receiverCrashesAfter(forMilliseconds: 1_000), .dropped])
    func oneFaultAtEachMessageEndsInTheSameStateEverywhere(_ fault: MessageFault) async throws {
        try await Country.run(seed: 242) { country in
            let day: [Event] = [.give, .secondPhone, .narrow, .denyAll, .give]
            func live(_ name: String) async throws {
                let person = try await Actor(country, name)
                country.network.setPlan(FaultPlan())
                for event in day { try await person.act(event) }
            }
            try await live("without faults")
            let messages = country.network.messages
            #expect(messages > 20)
            for number in stride(from: 0, to: messages, by: isSoak ? 1 : 13) {
                let person = try await Actor(country, "\(fault) \(number)")
                country.network.setPlan(FaultPlan(messages: [number: fault]))
                for event in day {
                    do { try await person.act(event) } catch let refusal as Refusal {
                        // A phone that has no Directory yet, or no answer, asks again.
                        let mayBe: Set<Refusal.Code> = [.unavailable, .directory]
                        #expect(mayBe.contains(refusal.code), "\(fault) at \(number): \(event), \(refusal)")
                        await country.wait(seconds: 5)
                        try await person.act(event)
                    }
                }
                country.network.setPlan(.none)
                try await person.settle()
                try await person.expectAgreement("\(fault) at \(number)")
            }
        }
    }
}
