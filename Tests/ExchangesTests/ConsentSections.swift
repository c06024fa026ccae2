import Exchanges
import Policy
import Polymorphic
import Ristretto255
import VectorSupport

/// The section about consent: what devices sign, the box of a give, the leaves of a give and of a stop, the stop tags.
/// The rules of consent are tried by the tests of the policy.
enum ConsentSections {
    static func consent(_ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["consent"]
        let device = try cast.device()
        let second = try cast.signingKey("device-2")
        let give = try Give(wire: section["give"].bytes)
        try tally.same(give.bytes, section["give"])
        try tally.same(device.sign(give.bytes), section["give_signature"])
        try tally.same(Give(wire: section["wide_give"].bytes).bytes, section["wide_give"])
        let enrolID = try section["row"]["enrol_id"].b16
        let signed = SignedEntry(give.bytes, signatures: [device.sign(give.bytes)])
        try tally.same(
            cast.sealed(
                signed.wire, to: cast.element("t1"), info: RowEntryInfo.consent(enrolID, 1), sender: cast.audit(),
                as: section["give_box_t1"]), section["give_box_t1"])

        let first = try section["row"]["devices"][0]
        let rowKey = StopKey(try section["row"]["w_row"].b32)
        try stop("stop", StopTarget(.give, give.id), StopKey(section["w_consent_1"].b32), device, section, &tally)
        try stop(
            "device_stop", StopTarget(.device, first[1].b16), StopKey(first[2].b32), second, section, &tally)
        try stop("row_stop", StopTarget(.row, enrolID), rowKey, device, section, &tally)
        try stop("deny_all", .denyAll(1), rowKey, second, section, &tally)
        try leaves(give, cast, &tally)
    }

    private static func stop(
        _ name: String, _ target: StopTarget, _ key: StopKey, _ signer: borrowing SigningKey, _ section: Vector,
        _ tally: inout Tally
    ) throws {
        let made = Stop(target, signedAt: Instant(Int64(Cast.now + 60)))
        try tally.same(made.bytes, section[name])
        try tally.same(signer.sign(made.bytes), section["\(name)_signature"])
        try tally.same(key.tags(target, transcryptors: 3).map(\.bytes), list: section["\(name)_tags"])
    }

    private static func leaves(_ give: Give, _ cast: Cast, _ tally: inout Tally) throws {
        let section = try cast["consent"]
        let countersignature = Countersignature(
            transcryptor: try PartyID("t1"), id: try cast["rows"]["t1"]["handle"].b16, hash: sha512(give.bytes),
            time: Cast.now + 1)
        let tagKey = SecretBytes(copying: try PersonSections.secrets(cast, 1).tagKey.bytes)
        let entry = try section["give_leaf_t1"]
        try tally.same(countersignature.bytes, entry["signed"])
        try RequestSections.leaf(
            over: countersignature.bytes, digest: sha512(countersignature.bytes), item: 0,
            tag: .counter(LeafMaker.tag(tagKey, counter: 43)), explanation: give.bytes, recipient: nil, 1, entry, cast,
            &tally)
        let stop = try section["stop"].bytes
        let tag = StopKey(try section["w_consent_1"].b32).tag(StopTarget(.give, give.id), transcryptor: 1)
        try tally.same(stop, section["stop_leaf_t1"]["signed"])
        try RequestSections.leaf(
            over: stop, digest: sha512(stop), item: 0, tag: .stop(tag), explanation: [], recipient: nil, 1,
            section["stop_leaf_t1"], cast, &tally)
    }
}
