import Polymorphic
import Testing
import VectorSupport

@testable import Policy

@Suite struct PolicyDocumentTests {
    let policy = PolicyDocument.standard(version: 7, notBefore: Person.now)

    @Test func whatIsSignedIsReadBack() throws {
        let back = try PolicyDocument(wire: policy.bytes)
        #expect(back.bytes == policy.bytes)
        #expect(back.version == 7 && back.notBefore == Person.now)
        #expect(back.templates == policy.templates && back.breakGlass == policy.breakGlass)
        #expect(Set(back.quotas) == Set(policy.quotas) && Set(back.matrix.rows) == Set(policy.matrix.rows))
        #expect(
            policy.bytes
                == pack(.policy, UInt32(7).bigEndianBytes, policy.policyBytes, UInt64(1_893_456_000).bigEndianBytes))
    }

    @Test func theOrderOfItsPartsDoesNotMatter() {
        var other = policy
        other.matrix.rows.reverse()
        other.quotas.reverse()
        #expect(other.bytes == policy.bytes)
    }

    @Test func anyOtherBytesAreRefusedOrAnotherPolicy() throws {
        let random = SeededRandom()
        let bytes = policy.bytes
        for _ in 0..<3_000 {
            var changed = bytes
            changed[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
            if let other = try? PolicyDocument(wire: changed) { #expect(other.bytes == changed, "\(random)") }
        }
        for _ in 0..<300 {
            #expect(code { _ = try PolicyDocument(wire: Array(bytes[..<random.below(bytes.count)])) } != nil)
        }
        #expect(code { _ = try PolicyDocument(wire: bytes + [0, 0, 0, 0]) } == .trailing)
        var twice = policy
        twice.quotas.append(policy.quotas[0])
        #expect(try PolicyDocument(wire: twice.bytes).quotas.count == policy.quotas.count + 1)
        var unsorted = policy
        unsorted.matrix.rows = Array(policy.matrix.rows.prefix(2))
        let rows = try Wire.elements(of: try Wire.elements(of: unsorted.policyBytes)[0])
        var parts = try Wire.elements(of: unsorted.policyBytes)
        parts[0] = Wire.list(rows.reversed())
        let wire = pack(.policy, UInt32(7).bigEndianBytes, Wire.list(parts), UInt64(1).bigEndianBytes)
        #expect(code { _ = try PolicyDocument(wire: wire) } == .length)
    }

    @Test func thePolicyOfTheVectorsHasItsThreeFields() throws {
        let wire = try Vectors.section("encodings")["policy"]["pack"].bytes
        // Its policy bytes are no policy, but its form is.
        #expect(code { _ = try PolicyDocument(wire: wire) } == .length)
        let fields = try unpack(.policy, wire, 3)
        #expect(fields[0] == UInt32(7).bigEndianBytes)
    }

    @Test func aTemplateForSeveralPurposesIsWhatTheyShare() {
        var policy = policy
        policy.templates = [name("a"): [name("X"), name("Y")], name("b"): [name("Y"), name("Z")]]
        #expect(policy.template(for: [name("a")]) == [name("X"), name("Y")])
        #expect(policy.template(for: [name("a"), name("b")]) == [name("Y")])
        #expect(policy.template(for: [name("a"), name("c")]) == [])
        #expect(policy.template(for: []) == [])
    }

    @Test func noTemplateExpectsSensitiveData() {
        for (purpose, template) in policy.templates {
            for category in Category.allCases where category.isSensitive {
                #expect(!template.contains(category.name), "\(purpose)")
            }
        }
        #expect(policy.template(for: [name("treatment")]).isSuperset(of: [name("LAB"), name("GEN"), name("MED")]))
    }

    @Test func emergencyAccessHasTheLimitsOfTheProtocol() {
        #expect(policy.breakGlass.perOfficerHour == 3 && policy.breakGlass.perSiteDay == 20)
        #expect(policy.breakGlass.secondSignature == 30 * 60 && policy.breakGlass.review == 72 * 3_600)
    }

    @Test func aBasisHasOneForm() throws {
        let all: [Basis] = [.consent, .breakGlass(reason: name("unconscious"), text: "意識なし"), .policyRule(name("r"))]
        for basis in all { #expect(try Basis(wire: basis.bytes) == basis) }
        for bytes: [UInt8] in [
            [], [0], [4], [1, 0], [1] + Wire.list([[1]]), [2], [2] + Wire.list([[65]]),
            [2] + Wire.list([[65], [], []]), [3], [3] + Wire.list([[65], [65]]),
        ] { #expect(code { _ = try Basis(wire: bytes) } == .length) }
        #expect(code { _ = try Basis(wire: [3] + Wire.list([[32]])) } == .text)
        #expect(code { _ = try Basis(wire: [2] + Wire.list([[65], [0xff]])) } == .text)
        #expect(code { _ = try Basis(wire: [2] + Wire.list([[65], [UInt8](repeating: 65, count: 1_025)])) } == .length)
    }
}
