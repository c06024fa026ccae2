import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// What the reshuffles of a chain compute.
@Suite struct PropertyChainTests {
    static let quorums: [[UInt8]] = [[1, 2], [1, 3], [2, 3]]

    @Test func fromBaseOverOnePartyOrStraightThePseudonymIsTheSame() throws {
        let world = try World("base A B")
        for round in 0..<100 {
            let person = try world.person()
            let quorum = Self.quorums[round % 3]
            let toHospital = try world.verified(world.chain(person, to: world.hospital), by: quorum)
            let onward = try world.verified(
                world.chain(toHospital.outputs, from: world.hospital, to: world.medical), by: quorum)
            let straight = try world.verified(world.chain(person, to: world.medical), by: quorum)
            let expected = try world.pseudonym(person.base, at: world.medical.domain)
            let overHospital = try world.pseudonyms(onward, at: world.medical, by: quorum)
            #expect(overHospital.map(\.encoding) == [expected])
            #expect(try world.pseudonyms(straight, at: world.medical, by: quorum) == overHospital)
            #expect(try world.pseudonyms(toHospital, at: world.hospital, by: quorum) != overHospital)
        }
    }
}
