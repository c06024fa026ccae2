/// Which test target answers for which part of the vectors. Each target asserts that it answers exactly what stands
/// here, and what nobody answers yet stands below, so that the waiting lists can only shrink.
public struct Conformance: Sendable {
    public let target: String
    /// The operations whose negatives it refuses.
    public let operations: Set<String>
    /// The sections and flat lists that it makes again.
    public let sections: Set<String>

    public static let core = Conformance(
        target: "PolymorphicTests",
        operations: [
            "chain_verify", "combine", "complaint_judge", "dealing_verify", "decode_point", "decode_scalar",
            "dem_built",
            "dem_open", "deposit_verify", "ed_verify", "half_check", "held_open", "know_verify", "name", "number_valid",
            "opening_check", "parse_header", "party_id", "prev_verify", "record_verify", "reshuffle_verify",
            "route_check", "same_verify", "share_open", "share_verify", "subshare_verify", "ticket_verify", "unpack",
            "unseal",
        ],
        sections: [
            "adopt", "adopt_deposit", "batch_of_5_one_refused", "blindings", "combine_2_of_3", "complaint", "deposit",
            "deposit_hospital_to_medical", "deposit_one_record_refused", "development_2_of_2", "dkg_2_of_2_psn",
            "dkg_kem", "dkg_psn", "encodings", "envelope_chunks", "envelopes", "factors", "fetch",
            "fetch_one_record_refused", "find_base_to_medical", "hashing", "held", "held_tokens",
            "identify_base_to_hospital", "knowledge", "labels", "link_hospital_to_medical_12",
            "link_hospital_to_medical_13", "link_hospital_to_medical_23", "numbers", "parties", "registry_row",
            "reshare_2_of_3", "rfc9497", "same_person", "seals", "signatures", "signing_keys", "tickets",
        ])

    public static let policy = Conformance(
        target: "PolicyTests", operations: ["consent_play", "deny_verify", "mandate_check"],
        sections: ["consent_events", "consent_scenarios", "mandate"])

    public static let exchanges = Conformance(
        target: "ExchangesTests",
        operations: [
            "decide_parse", "device_add", "es256_verify", "history_verify", "intents_verify", "key_countersigned",
            "participants_seen", "presentation", "presentation_plain", "release_parse", "request_check", "row_create",
        ],
        sections: [
            "added_device", "bodies", "consent", "emergency", "enrolment", "enrolment_2_of_2", "head", "intents",
            "key_countersignatures", "presentation", "presentation_es256", "presentation_webauthn", "public_leaf",
            "request", "rows",
        ])

    /// Every target that answers for a part.
    public static let all = [core, policy, exchanges]

    /// Operations that wait for cards and visit codes.
    public static let waitingOperations: Set<String> = ["card_unseal", "code_parse"]

    /// Sections that wait for cards and visit codes.
    public static let waitingSections: Set<String> = ["card", "visit_code"]

    /// Negatives of answered operations that wait for cards, by their reasons.
    public static let waitingNegatives: Set<String> = [
        "card: counter below the stored one", "card: counter not above the stored one", "card: counter of 2^53",
        "card: revoked", "card: s = 0", "card: signature field of 105 bytes", "card: signature of another card",
        "card: signed checkpoint root is not a recent one (pre-play)",
    ]

    /// Names of attacks that the generator of the vectors executes: no values, their tests are attacks of ours.
    public static let descriptions: Set<String> = ["demonstrations"]
}
