import Device
import Exchanges
import Gateway
import Guards
import Polymorphic
import Ristretto255
import Testing

@testable import Simulation
@testable import Transcryptor

/// A transcryptor that nobody calls: what it does by itself.
@Suite struct TendingTests {
    private static func node(_ country: Country, _ index: Int) throws -> TranscryptorNode {
        guard let node = country.network.node(country.names.transcryptors[index]) as? TranscryptorNode else {
            throw Refusal(.unavailable)
        }
        return node
    }

    @Test func whatOthersAppendHoldsAtOneThatNobodyCalls() async throws {
        for isOff in [false, true] {
            try await Country.run(seed: 91) { country in
                let (names, t3) = (country.names, try Self.node(country, 2))
                let patient = try await country.patient()
                try await country.settle(names.hospitalA)
                try await t3.tend()
                let before = try await t3.leavesRead()
                #expect(before == country.ledger.size)
                // From here on nobody reaches it; it still reaches the Ledger.
                try await country.intercept(t3.id) { (_, _) in throw Refusal(.unavailable) }
                _ = try #require(await patient.resident.phone.withdraw(patient.giveA))
                await country.wait(seconds: 2)
                let unread = try await t3.leavesRead()
                #expect(country.ledger.size > before && unread == before)
                let rows = country.network.store(of: t3.id)?.contents[.rows]
                if isOff {
                    try await Guards.withOff("guard:transcryptor.leaves") { try await t3.tend() }
                } else {
                    try await t3.follow()
                }
                let read = try await t3.leavesRead()
                #expect(read == country.ledger.size)
                // The row knows of the stop, though no device brought it there.
                #expect((country.network.store(of: t3.id)?.contents[.rows] == rows) == isOff)
            }
        }
    }

    @Test func theOutboxIsSubmittedUntilItIsRead() async throws {
        try await Country.run(seed: 93) { country in
            let t1 = try Self.node(country, 0)
            _ = try await country.patient()
            try await country.settle(country.names.hospitalA)
            try await t1.tend()
            let empty = try await t1.waitingLeaves()
            #expect(empty == 0)
            // Leaves that were written while the Ledger was away, more than one page of them.
            country.network.setDown(country.names.ledger, true)
            let leaves = (0..<1_500 as Range<UInt32>).map { number in
                Leaf(governance: number.bigEndianBytes).bytes
            }
            try await t1.transaction { transaction in
                for bytes in leaves {
                    var exchange = bytes
                    exchange[1] = Leaf.Kind.exchange.rawValue
                    let leaf = try Leaf(wire: exchange)
                    try transaction.put(.outbox, leaf.hash, leaf.bytes)
                }
            }
            try await t1.tend()
            let waiting = try await t1.waitingLeaves()
            #expect(waiting == 1_024)
            country.network.setDown(country.names.ledger, false)
            let size = country.ledger.size
            try await t1.tend()
            await country.wait(seconds: 2)
            try await t1.tend()
            let left = try await t1.waitingLeaves()
            #expect(left == 0 && country.ledger.size == size + 1_500)
            let read = try await t1.leavesRead()
            #expect(read == country.ledger.size)
        }
    }
}
