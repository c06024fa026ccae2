// A shared secret between two parties, and a proof that one of them knows its key.
import Ristretto255

let random = SystemRandom()
let alice = SecretScalar(from: random)  // in locked memory, wiped at its end, not copyable or printable
let bob = SecretScalar(from: random)
let alicePublic = try Element(alice.timesGenerator())
// 32 bytes over the wire, decoded strictly
let bobPublic = try Element(decoding: Element(bob.timesGenerator()).encoding)

let shared = alice.sharedSecret(with: bobPublic.point)
let same = bob.sharedSecret(with: alicePublic.point).withBytes { shared.constantTimeEquals($0) }
print("both have the same secret: \(same)")

// Many products over public data at once.
let points = (0..<100).map { _ in Point(uniform: random.draw()) }
let weights = (0..<100).map { _ in Scalar(reducing: random.draw()) }
let sum = MultiScalar.publicSum(weights, points)
print("a sum of 100 products is the identity: \(sum.isIdentity)")

// An oblivious function: the server never sees the input, the client checks that the published key was used.
let key = VOPRF.deriveKey(seed: SecretBytes(count: 32, from: random), info: Array("example".utf8))
let publicKey = try Element(key.timesGenerator())
let blinded = try VOPRF.blind(Array("input".utf8), by: SecretScalar(from: random))
let answer = try VOPRF.evaluate([blinded.message], key: key, publicKey: publicKey, nonce: SecretScalar(from: random))
let output = try VOPRF.finalize(blinded, evaluated: answer.evaluated[0], proof: answer.proof, publicKey: publicKey)
let direct = try VOPRF.evaluate(input: Array("input".utf8), key: key)
print("the client's output is the server's: \(output == direct)")

precondition(same && !sum.isIdentity && output == direct)
