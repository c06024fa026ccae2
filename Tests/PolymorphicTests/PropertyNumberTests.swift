import PropertySupport
import Ristretto255
import Testing

@testable import Polymorphic

/// The number of a person: what is found wrong with one, and where it never shows.
@Suite struct PropertyNumberTests {
    @Test func everySingleWrongDigitIsFound() throws {
        let random = Seeded("digits")
        for _ in 0..<1_000 {
            let digits = Array(PersonalNumber(from: random).revealedDigits)
            #expect(try PersonalNumber(String(digits)).revealedDigits == String(digits))
            for index in 0..<13 {
                for other in "0123456789" where other != digits[index] {
                    var wrong = digits
                    wrong[index] = other
                    expectRefusal(.number) { _ = try PersonalNumber(String(wrong)) }
                }
            }
        }
    }

    @Test func everySwapOfTwoNeighboursIsFound() throws {
        let random = Seeded("neighbours")
        for _ in 0..<1_000 {
            let digits = Array(PersonalNumber(from: random).revealedDigits)
            for index in 1..<13 where digits[index] != digits[index - 1] {
                var wrong = digits
                wrong.swapAt(index - 1, index)
                expectRefusal(.number) { _ = try PersonalNumber(String(wrong)) }
            }
        }
    }

    @Test func aMyNumberOf12DigitsIsNeverTaken() {
        let random = Seeded("my number")
        for _ in 0..<1_000 {
            let eleven = (0..<11).map { _ in random.int(in: 0...9) }
            // The check digit of a My Number: weights 6 5 4 3 2 7 6 5 4 3 2.
            let sum = zip(eleven, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]).reduce(0) { $0 + $1.0 * $1.1 }
            let check = sum % 11 <= 1 ? 0 : 11 - sum % 11
            let text = (eleven + [check]).map(String.init).joined()
            expectRefusal(.number) { _ = try PersonalNumber(text) }
            // Not with a zero before it either: the first digit is never 0.
            expectRefusal(.number) { _ = try PersonalNumber("0" + text) }
        }
    }

    @Test func otherFormsAreRefused() throws {
        let random = Seeded("forms")
        let good = PersonalNumber(from: random).revealedDigits
        let wide = ["０", "１", "２", "３", "４", "５", "６", "７", "８", "９"]  // full-width digits, as Japanese keyboards give
        let full = good.compactMap(\.wholeNumberValue).map { wide[$0] }.joined()
        let others = [
            "", " " + good, good + " ", good + "0", String(good.dropLast()), full, good + "\n", "-" + good.dropFirst(),
            "abcdefghijklm", "1234-5678-9012-3",
        ]
        for text in others {
            expectRefusal(.number) { _ = try PersonalNumber(text) }
        }
        let grouped = try PersonalNumber(good).revealedGrouped
        #expect(grouped.count == 16 && grouped.filter { $0 != "-" } == good)
    }

    @Test func newNumbersAreValidUniformAndNeverBeginWithZero() throws {
        let random = Seeded("new numbers")
        var seen = Set<String>()
        var first = [Int](repeating: 0, count: 10)
        var others = [Int](repeating: 0, count: 10)
        for _ in 0..<4_000 {
            let text = PersonalNumber(from: random).revealedDigits
            _ = try PersonalNumber(text)
            #expect(seen.insert(text).inserted)
            let digits = text.compactMap(\.wholeNumberValue)
            first[digits[0]] += 1
            for digit in digits[1..<12] { others[digit] += 1 }
        }
        #expect(first[0] == 0)
        // 4,000/9 and 44,000/10 expected; six standard deviations are 120 and 378.
        #expect(first[1...].allSatisfy { abs($0 - 444) < 120 } && others.allSatisfy { abs($0 - 4_400) < 378 })
    }

    @Test func aNumberIsNeverPrinted() throws {
        let random = Seeded("printing")
        for _ in 0..<200 {
            let number = PersonalNumber(from: random)
            let secret = number.revealedDigits
            var dumped = ""
            dump(number, to: &dumped)
            dump([number], to: &dumped)
            dump(Form(number: number), to: &dumped)
            dump(Optional(number), to: &dumped)
            let mirror = Mirror(reflecting: number)
            let texts = [
                "\(number)", String(describing: number), String(reflecting: number), "\([number])", "\([1: number])",
                "\(Form(number: number))", "\(Optional(number) as Any)", "\((number, number))",
                String(reflecting: Form(number: number)), dumped,
                "\(mirror.children.map { $0 })", number.debugText,
            ]
            for text in texts {
                for start in 0...10 { #expect(!text.contains(secret.dropFirst(start).prefix(3))) }
            }
        }
    }

    @Test func nothingThatIsSecretOrPersonalCanBeEncodedOrPrinted() throws {
        let world = try World("reflection")
        let chain = try world.verified(world.chain(world.person(), to: world.medical))
        let pseudonym = try world.pseudonyms(chain, at: world.medical)[0]
        let key = RecordKey(SecretPoint(world.random.point()).encode())
        let values: [Any] = [
            PersonalNumber(from: world.random), pseudonym, key, chain, KeyRing(id: 1, key: SecretBytes(copying: [1])),
        ]
        for value in values {
            #expect(!(value is any Encodable) && !(value is any Decodable))
        }
        let hex = pseudonym.encoding.bytes.map { String(format2: $0) }.joined()
        var dumped = ""
        dump(pseudonym, to: &dumped)
        dump(Optional(pseudonym), to: &dumped)
        for text in ["\(pseudonym)", String(reflecting: pseudonym), "\([pseudonym])", dumped] {
            #expect(!text.lowercased().contains(hex.prefix(8)) && text.contains("Pseudonym"))
            #expect(!text.contains { $0.isNumber })
        }
    }

    @Test func theRowOfTheRegistryNeedsItsKey() throws {
        let random = Seeded("registry")
        let key = SecretBytes(count: 32, from: random)
        let other = SecretBytes(count: 32, from: random)
        let server = random.secret()
        let number = PersonalNumber(from: random)
        let output = try VOPRF.evaluate(input: number.oprfInput, key: server)
        #expect(number.oprfInput == Array(number.revealedDigits.utf8.prefix(12)))
        #expect(PersonalNumber.registryRow(output, key: key) == PersonalNumber.registryRow(output, key: key))
        #expect(PersonalNumber.registryRow(output, key: key) != PersonalNumber.registryRow(output, key: other))
    }
}

/// What a program might keep a number in.
struct Form {
    let number: PersonalNumber
    let note = "x"
}

extension String {
    /// Two hexadecimal digits.
    fileprivate init(format2 byte: UInt8) { self = (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}

extension PersonalNumber {
    /// What a debugger shows.
    fileprivate var debugText: String { "\(customMirror)" }
}
