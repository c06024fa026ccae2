@testable import Polymorphic
import Ristretto255

func fuzzList(_ bytes: [UInt8]) {
    guard let elements = try? Wire.elements(of: bytes, maximum: 64) else { return }
    expect(elements.count <= 64, "a list keeps its limit")
    expect(Wire.list(elements) == bytes, "a list encodes to what it came from")
}

func fuzzUnpack(_ bytes: [UInt8]) {
    for label in Label.Signed.allCases {
        for count in [0, 1, 3, 6, 15] {
            guard let fields = try? unpack(label, bytes, count) else { continue }
            expect(fields.count == count, "exactly the fields that were asked for")
            expect(pack(label, fields: fields) == bytes, "a structure encodes to what it came from")
        }
    }
}

func fuzzPartyID(_ bytes: [UInt8]) {
    guard let id = try? PartyID(bytes) else { return }
    expect(id.bytes == bytes && (2...63).contains(bytes.count), "an id is its bytes")
}

func fuzzName(_ bytes: [UInt8]) {
    guard let name = try? Name(bytes) else { return }
    expect(name.bytes == bytes && (1...64).contains(bytes.count), "a name is its bytes")
}

func fuzzDomain(_ bytes: [UInt8]) {
    guard let domain = try? Domain(bytes, orRefuse: .source) else { return }
    expect(domain.bytes == bytes, "a domain encodes to what it came from")
}

func fuzzNumber(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self), let number = try? PersonalNumber(text) else { return }
    expect(number.revealedDigits == text, "a number is its digits")
    for index in bytes.indices {
        var other = bytes
        other[index] = other[index] == UInt8(ascii: "9") ? UInt8(ascii: "1") : other[index] + 1
        expect((try? PersonalNumber(String(decoding: other, as: UTF8.self))) == nil, "one wrong digit is seen")
    }
}
