extension FuzzTarget {
    /// Every target.
<<<<<<< HEAD
    static let all = core + calls + messages + log + fhir + gateway
=======
    static let all = core + log + fhir + gateway
>>>>>>> h1

    /// Those of the core. A new decoder gets a line here and a function beside its kind.
    private static let core: [FuzzTarget] = [
        // The group
        FuzzTarget("point", upTo: 40, seeds: [.everywhere("b"), .everywhere("Z")], run: fuzzPoint),
        FuzzTarget("points", upTo: 256, seeds: [.everywhere("A"), .everywhere("pair")], run: fuzzPoints),
        FuzzTarget("scalar", upTo: 40, seeds: [.everywhere("b"), .everywhere("k")], run: fuzzScalar),
        FuzzTarget("equality", upTo: 512, seeds: [.everywhere("proof")], run: fuzzEquality),
        // Byte strings and names
        FuzzTarget("list", upTo: 1_024, seeds: [.everywhere("message"), .everywhere("body")], run: fuzzList),
        FuzzTarget("unpack", upTo: 1_024, seeds: [.everywhere("message"), .everywhere("info")], run: fuzzUnpack),
        FuzzTarget("party-id", upTo: 80, seeds: [.everywhere("party"), .everywhere("b")], run: fuzzPartyID),
        FuzzTarget("name", upTo: 80, seeds: [.everywhere("purpose"), .everywhere("b")], run: fuzzName),
        FuzzTarget("domain", upTo: 80, seeds: [.everywhere("src"), .everywhere("dst")], run: fuzzDomain),
        FuzzTarget("number", upTo: 20, seeds: [.bytes(Array("1000000000007".utf8))], run: fuzzNumber),
        // Keys, proofs, signatures
        FuzzTarget(
            "signature", upTo: 512, seeds: [.fields("signatures", ["pk", "signature", "message"])], run: fuzzSignature),
        FuzzTarget("knowledge", upTo: 192, seeds: [.fields("knowledge", ["P", "bind", "proof"])], run: fuzzKnowledge),
        FuzzTarget(
            "same-person", upTo: 512, seeds: [.fields("same_person", ["Y", "from", "to", "proof", "context"])],
            run: fuzzSamePerson),
        FuzzTarget(
            "reshuffle", upTo: 1_024,
            seeds: [.negatives("reshuffle_verify", ["Y", "Sa", "Sb", "stmt", "ins", "outs", "proof"])],
            run: fuzzReshuffle),
        FuzzTarget(
            "commitments", upTo: 256, seeds: [.everywhere("commitments"), .everywhere("A")], run: fuzzCommitments),
        FuzzTarget("complaint", upTo: 256, seeds: [.negatives("complaint_judge", ["w", "box"])], run: fuzzComplaint),
        FuzzTarget("route", upTo: 128, seeds: [.bytes([3, 2, 2, 1, 2, 2, 1, 3, 2, 2, 3])], run: fuzzRoute),
        // What travels in an Exchange
        FuzzTarget("pair", upTo: 80, seeds: [.everywhere("pair"), .everywhere("S_pair")], run: fuzzPair),
        FuzzTarget("step", upTo: 512, seeds: [.everywhere("wire"), .everywhere("steps")], run: fuzzStep),
        FuzzTarget("share", upTo: 1_024, seeds: [.everywhere("plain"), .everywhere("body")], run: fuzzShare),
        FuzzTarget("held-token", upTo: 64, seeds: [.everywhere("token"), .everywhere("tokens")], run: fuzzHeldToken),
        FuzzTarget("ticket", upTo: 48, seeds: [.everywhere("t"), .everywhere("tickets")], run: fuzzTicket),
        FuzzTarget("sealed-box", upTo: 1_024, seeds: [.everywhere("box")], run: fuzzSealedBox),
        // Records
        FuzzTarget("header", upTo: 1_100, seeds: [.everywhere("header"), .everywhere("h")], run: fuzzHeader),
        FuzzTarget("envelope", upTo: 2_048, seeds: [.everywhere("envelope"), .everywhere("env")], run: fuzzEnvelope),
        FuzzTarget(
            "body-padding", upTo: 2_048, seeds: [.everywhere("plaintext"), .everywhere("plain")], run: fuzzPadding),
        FuzzTarget(
            "body-stream", upTo: 2_048, seeds: [.everywhere("plaintext"), .everywhere("plain")], run: fuzzStream),
    ]
}
