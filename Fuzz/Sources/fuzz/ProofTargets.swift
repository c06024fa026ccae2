import Crypto
@testable import Polymorphic
import Ristretto255

/// Key 32, signature 64, message. We are stricter than others, never laxer.
func fuzzSignature(_ bytes: [UInt8]) {
    guard bytes.count >= 96, let key = Bytes32(bytes[..<32]) else { return }
    let (signature, message) = (bytes[32..<96], Array(bytes[96...]))
    guard (try? VerifyingKey(key).verify(signature, over: message)) != nil else { return }
    let other = try? Curve25519.Signing.PublicKey(rawRepresentation: key.bytes)
    expect(other?.isValidSignature(signature, for: message) == true, "another library accepts what we accept")
}

/// P 32, bind 64, proof 64.
func fuzzKnowledge(_ bytes: [UInt8]) {
    guard bytes.count >= 96, let point = try? Element(decoding: bytes[..<32]), let bind = Bytes64(bytes[32..<96]),
        let proof = try? Knowledge(wire: bytes[96...])
    else { return }
    try? proof.verify(point: point, bind: bind)
}

/// Y 32, two pairs of 64, proof 64, context (which is always made by us, of one length).
func fuzzSamePerson(_ bytes: [UInt8]) {
    guard (224...400).contains(bytes.count), let y = try? Element(decoding: bytes[..<32]),
        let from = try? Pair(wire: bytes[32..<96]), let to = try? Pair(wire: bytes[96..<160]),
        let proof = try? SamePerson(wire: bytes[160..<224])
    else { return }
    try? proof.verify(from: from, to: to, under: y, context: Array(bytes[224...]))
}

/// Y, S_a, S_b 32 each, statement 64, as many input as output pairs, proof 96.
func fuzzReshuffle(_ bytes: [UInt8]) {
    let half = (bytes.count - 256) / 2 / 64 * 64
    guard bytes.count >= 256, let head = try? Element.decode(batch: bytes[..<96]),
        let digest = Bytes64(bytes[96..<160]),
        let inputs = try? pairs(bytes[160..<160 + half]), let outputs = try? pairs(bytes[160 + half..<160 + 2 * half]),
        let proof = try? ReshuffleProof(wire: bytes[(160 + 2 * half)...])
    else { return }
    let statement = ReshuffleProof.Statement(
        key: ClassKey(head[0]), source: head[1], destination: head[2], digest: digest)
    _ = try? proof.verify(inputs, outputs, statement)
}

private func pairs(_ bytes: ArraySlice<UInt8>) throws(Refusal) -> [Pair] {
    var out: [Pair] = []
    for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 64) {
        out.append(try Pair(wire: bytes[start..<min(start + 64, bytes.endIndex)]))
    }
    return out
}

func fuzzCommitments(_ bytes: [UInt8]) {
    let parts = stride(from: 0, to: bytes.count, by: 32).map { Array(bytes[$0..<min($0 + 32, bytes.count)]) }
    guard let commitments = try? Commitments(wire: parts, threshold: parts.count) else { return }
    expect(commitments.bytes == bytes, "commitments encode to what they came from")
    for j: UInt8 in [1, 2, 255] { _ = commitments.at(j) }
}

/// The revealed key 32, then the box.
func fuzzComplaint(_ bytes: [UInt8]) {
    guard bytes.count >= 32 else { return }
    let complaint = Complaint(
        context: DealingContext(ceremony: .zero, keyClass: PSN.byte), dealer: 1, receiver: 2, box: Array(bytes[32...]),
        signature: [], revealed: Array(bytes[..<32]))
    let commitments = Commitments([.generator, .generator])
    withOff(["guard:complaint.signature", "guard:complaint.key"]) {
        let fault = try? complaint.judge(
            commitments: commitments, oneTimeKey: .generator, dealerKey: VerifyingKey(.zero))
        expect(fault.map { $0 == 1 || $0 == 2 } ?? true, "a complaint names one of the two")
    }
}

/// n, t, then steps: a count of holders and that many indexes.
func fuzzRoute(_ bytes: [UInt8]) {
    guard bytes.count >= 2, let id = try? Name("v") else { return }
    var (steps, rest) = ([RouteStep](), bytes[2...])
    while let count = rest.popFirst() {
        steps.append(RouteStep(id: id, holders: Array(rest.prefix(Int(count)))))
        rest = rest.dropFirst(Int(count))
    }
    guard let route = try? Route(steps, n: bytes[0], t: bytes[1]) else { return }
    expect(route.t >= 1 && route.t <= route.n && Int(route.n) < 2 * Int(route.t), "t <= n < 2t")
    expect(steps.allSatisfy { !$0.holders.isEmpty && $0.holders.allSatisfy { 1...route.n ~= $0 } }, "holders exist")
}
