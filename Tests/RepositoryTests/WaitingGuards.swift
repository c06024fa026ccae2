/// Guards of nodes whose negative controls are still to be written: the nodes stand, and one exchange runs through them
/// (`SimulationTests`), but nobody has yet shown what each of these checks alone keeps out. The list can only shrink: a
/// guard that has a control must leave it, and no other guard may be without one.
enum WaitingGuards {
    static let byArea: [String: [String]] = [
        "adopt": ["origin", "other"],
        "authority": ["act", "rate", "registry"],
        "deliver": ["time"],
        "device": [
            "complete", "countersignatures", "deny-order", "detail", "enrolment", "enrolment-key", "give", "stop-leaf",
            "tag", "terminal", "terminal-time",
        ],
        "enrolment": ["own", "registry"],
        "exchanger": ["body", "intent"],
        "ledger": ["record-hash"],
        "officers": ["signature", "time", "two"],
        "registry": ["act", "dual-control", "one-person"],
        "store": ["category", "line", "period", "previous", "record-id", "replaced", "subject"],
        "transcryptor": [
            "credential", "entry", "fresh-checkpoint", "gateway-signature", "leaves", "logged", "own-verdict", "peer",
            "person-signature", "query-signature", "query-time", "receipt", "revocation", "route", "source-epoch",
            "state", "stop",
        ],
    ]

    static var names: Set<String> {
        Set(byArea.flatMap { area, guards in guards.map { GuardRules.prefix + area + "." + $0 } })
    }
}
