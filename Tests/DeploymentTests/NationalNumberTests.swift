import Foundation
import Guards
import Polymorphic
import Testing

@Suite struct NationalNumberTests {
    @Test(arguments: ["621498320257", "6214 9832 0257", "name, 1234-5678-9018", "１２３４５６７８９０１８"])
    func isFound(_ text: String) throws {
        #expect(NationalNumber.occurs(in: text.utf8))
        #expect(throws: Refusal(.number)) { try NationalNumber.refuse(in: text.utf8) }
        try Guards.withOff("guard:number.national") { try NationalNumber.refuse(in: text.utf8) }
    }

    @Test func digitsOfARandomIDAreNone() {
        #expect(!NationalNumber.occurs(in: "/desk/visits/75f8bec2bfdda2c07ece593232771870/open".utf8))
        #expect(!NationalNumber.occurs(in: "018f428e-34f6-4707-8009-593232771870".utf8))
        // A name before it makes no id of a number.
        #expect(NationalNumber.occurs(in: "bad593232771870".utf8))
    }

    @Test(arguments: ["621498320258", "1621498320257", "62149832025", "2026-11-30", "", "03-1234-5678"])
    func isNotFound(_ text: String) { #expect(!NationalNumber.occurs(in: text.utf8)) }
}
