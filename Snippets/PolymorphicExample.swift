// A record sealed for whoever will be entitled to read it, and a message sealed for one party.
import Polymorphic
import Ristretto255

let random = SystemRandom()

// A party's key: Z, with a proof that the party holds z.
let clinic = OpeningKey(from: random)
let clinicID = try PartyID("clinic-b")
let possession = clinic.provePossession(party: clinicID, keyEpoch: 1, fresh: random.draw())
let clinicKey = try PartyKey(party: clinicID, keyEpoch: 1, element: clinic.element, possession: possession)

// A sealed box names its use; opened for another use it is refused.
let info = pack(.sealedCode, random.bytes(16), clinicID.bytes)
let sender = SecretScalar(from: random)
let box = try Seal.seal(
    Array("hello".utf8), to: clinicKey.element, info: info, sender: sender, fresh: random.draw())
print("opened: \(String(decoding: try clinic.open(box, info: info), as: UTF8.self))")
do {
    _ = try clinic.open(box, info: pack(.sealedCode, random.bytes(16), clinicID.bytes))
    preconditionFailure("a box for another use was opened")
} catch { print("refused: \(error)") }

// A personal number checks itself and never prints itself.
let number = PersonalNumber(from: random)
print("a number of 13 digits, printed by accident: \(number)")
precondition((try? PersonalNumber(number.revealedDigits)) == number)

// The factors of one step for two parties, and the published point by which everybody checks them.
let step = StepSecret(SecretBytes(count: 32, from: random))
let point = try step.factorPoint(for: .party(clinicID, epoch: 1))
print("S of clinic-b has \(point.encoding.bytes.count) bytes")
