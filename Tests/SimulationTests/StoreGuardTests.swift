import DataCentre
import Exchanges
import Gateway
import Guards
import Policy
import Polymorphic
import Ristretto255
import Simulation
import Testing

/// What a store keeps out, each with its negative control.
@Suite struct StoreGuardTests {
    @Test func aSecondRecordOfOneIdIsRefused() async throws {
        try await Country.run(seed: 11) { country in
            let patient = try await country.patient()
            let id: Bytes16 = country.random("id").draw()
            try await country.deposit([country.record("first", id: id)], of: patient)
            let again = await failure { try await country.deposit([country.record("second", id: id)], of: patient) }
            #expect(again == .refused(by: country.names.medical, Refusal(.conflict)))
            _ = try await Guards.withOff("guard:store.record-id") {
                try await country.deposit([country.record("third", id: id)], of: patient)
            }
            let found = try await country.found(of: patient)
            #expect(found.count == 2)
        }
    }

    @Test func aRecordIsReplacedOnce() async throws {
        try await Country.run(seed: 12) { country in
            let patient = try await country.patient()
            let first = try await country.deposit([country.record("first")], of: patient)[0]
            try await country.deposit([country.record("second", replacing: first)], of: patient)
            let again = await failure {
                try await country.deposit([country.record("third", replacing: first)], of: patient)
            }
            #expect(again == .refused(by: country.names.medical, Refusal(.conflict)))
            _ = try await Guards.withOff("guard:store.replaced") {
                try await country.deposit([country.record("fourth", replacing: first)], of: patient)
            }
            let found = try await country.found(of: patient)
            #expect(found.count == 3)
        }
    }

    /// The transcryptors refuse it as well: their guard is off throughout.
    @Test func aRecordReplacesOneOfItsOwnCategory() async throws {
        try await Country.run(seed: 13) { country in
            let patient = try await country.patient()
            let first = try await country.deposit([country.record("first")], of: patient)[0]
            try await Guards.withOff("guard:deposit.previous") {
                let other = await failure {
                    try await country.deposit([country.record("second", .medication, replacing: first)], of: patient)
                }
                #expect(other == .refused(by: country.names.medical, Refusal(.prev)))
                _ = try await Guards.withOff("guard:store.previous") {
                    try await country.deposit([country.record("third", .medication, replacing: first)], of: patient)
                }
            }
            let found = try await country.found(of: patient)
            #expect(found.count == 2)
        }
    }

    @Test func aStoreShowsOnlyWhatTheRequestNames() async throws {
        try await Country.run(seed: 14) { country in
            let patient = try await country.patient()
            try await country.deposit([country.record("blood")], of: patient)
            let drugs = country.use(.physician, [.medication])
            let early = country.use(.physician, data: 0...28_000_000)
            for (use, name) in [(drugs, "guard:store.category"), (early, "guard:store.period")] {
                let found = try await country.found(of: patient, for: use)
                #expect(found.isEmpty)
                let leaked = try await Guards.withOff(name) { try await country.found(of: patient, for: use) }
                #expect(leaked.count == 1)
            }
        }
    }

    @Test func anOldDeliveryShowsNothingNew() async throws {
        try await Country.run(seed: 15) { country in
            let (names, caught) = (country.names, Caught())
            let patient = try await country.patient()
            country.network.setLie(names.medical) { call, body, _ in
                if call == .deliver { caught.add(body) }
                return nil
            }
            let before = try await country.found(of: patient)
            #expect(before.isEmpty)
            country.network.setLie(names.medical, nil)
            try await country.deposit([country.record("later")], of: patient)
            await country.wait(seconds: 1_300)
            let old = caught.all[0]
            let refused = await refusal {
                _ = try await country.network.send(.deliver, old, to: names.medical, from: names.hospitalA)
            }
            #expect(refused == Refusal(.time))
            let shown = try await Guards.withOff("guard:deliver.time") {
                try await country.network.send(.deliver, old, to: names.medical, from: names.hospitalA)
            }
            #expect(try DeliverCall.listed(answer: shown)[0].count == 1)
        }
    }

    @Test func anotherRecordThanTheOneThatWasCheckedIsRefused() async throws {
        try await Country.run(seed: 16) { country in
            let (names, caught) = (country.names, Caught())
            let patient = try await country.patient()
            country.network.setLie(names.medical) { call, body, _ in
                if call == .deliver { caught.add(body) }
                return nil
            }
            // The medical centre is down when the records arrive: it keeps nothing of the honest delivery.
            country.network.setPlan(FaultPlan(commits: [names.medical: (commit: 0, after: false)]))
            let two = [country.record("one"), country.record("two", minute: 29_000_001)]
            try await country.deposit([two[0]], of: patient)
            let honest = try DeliverCall(body: caught.all[0])
            let other = try await country.deposit([two[1]], of: patient)
            let last = try #require(caught.all.last)
            let envelope = try #require(try DeliverCall(body: last).envelopes.first)
            #expect(try Envelope(wire: envelope).prefix.header == other[0].header)
            let swapped = DeliverCall(
                request: honest.request, intents: honest.intents, steps: honest.steps, shares: honest.shares,
                envelopes: [envelope])
            let refused = await refusal {
                _ = try await country.network.send(.deliver, swapped.body, to: names.medical, from: names.hospitalA)
            }
            #expect(refused == Refusal(.record, at: 0))
            _ = try await Guards.withOff("guard:store.line") {
                try await country.network.send(.deliver, swapped.body, to: names.medical, from: names.hospitalA)
            }
        }
    }
}
