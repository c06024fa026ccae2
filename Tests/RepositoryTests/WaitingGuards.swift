/// Guards of nodes whose negative controls are still to be written: the nodes stand, and one exchange runs through them
/// (`SimulationTests`), but nobody has yet shown what each of these checks alone keeps out. The list can only shrink: a
/// guard that has a control must leave it, and no other guard may be without one.
enum WaitingGuards {
    static let byArea: [String: [String]] = ["adopt": ["record"], "transcryptor": ["leaves"]]

    static var names: Set<String> {
        Set(byArea.flatMap { area, guards in guards.map { GuardRules.prefix + area + "." + $0 } })
    }
}
