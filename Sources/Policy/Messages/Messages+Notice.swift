/// The parts of a consent notice that are the same in every service.
public enum NoticeText: String, CaseIterable, Sendable {
    case who, whoNames, what, whatPeriod, why, until, untilUses, kept, stop, stopHow, agree, refuse, refuseRight
}

extension Messages {
    static func text(_ part: NoticeText) -> Text {
        switch part {
        case .who: Text("だれが", "Who")
        case .whoNames: Text("{party}が使います。", "It is used by {party}.")
        case .what: Text("何を", "What")
        case .whatPeriod: Text("{from}から{to}までの情報です。", "Information about the time from {from} to {to}.")
        case .why: Text("何のために", "Why")
        case .until: Text("いつまで", "Until when")
        case .untilUses: Text("{until}まで、多くても{uses}回です。", "Until {until}, at most {uses} times.")
        case .kept: Text("どこに置くか", "Where it is kept")
        case .stop: Text("やめるには", "How to stop")
        case .stopHow:
            Text(
                "いつでもやめられます。マイ・ポータルか電話の「やめる」を一度押すだけです。",
                "You can stop at any time: press \"Stop\" once, in My Portal or on your phone.")
        case .agree: Text("同意すること", "What you agree to")
        case .refuse: Text("断るとどうなるか", "If you say no")
        case .refuseRight:
            Text("断っても、責められることはありません。", "Nobody holds it against you.")
        }
    }
}
