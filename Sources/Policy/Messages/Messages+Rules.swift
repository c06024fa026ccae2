extension Messages {
    /// Why a rule refused, and what can be done about it.
    static func text(_ rule: RuleID) -> Text {
        switch rule {
        case .accreditation: RuleTexts.accreditation
        case .credential: RuleTexts.credential
        case .role: RuleTexts.role
        case .accessMatrix: RuleTexts.accessMatrix
        case .serviceOffered: RuleTexts.serviceOffered
        case .twoPersons: RuleTexts.twoPersons
        case .partyQuota: RuleTexts.partyQuota
        case .officerQuota: RuleTexts.officerQuota
        case .origin: RuleTexts.origin
        case .consent: RuleTexts.consent
        case .pending: RuleTexts.pending
        case .emergencyRole: RuleTexts.emergencyRole
        case .emergencyCredential: RuleTexts.emergencyCredential
        case .emergencyReason: RuleTexts.emergencyReason
        case .emergencyCategories: RuleTexts.emergencyCategories
        case .emergencyLimit: RuleTexts.emergencyLimit
        case .subjectQuota: RuleTexts.subjectQuota
        case .record: RuleTexts.record
        case .recordCategory: RuleTexts.recordCategory
        case .recordPeriod: RuleTexts.recordPeriod
        }
    }
}

private enum RuleTexts {
    static let accreditation = Text(
        "この機関は今、認定されていません。第三者機関に確かめてください。",
        "This organisation is not accredited now. Ask the Oversight Authority.")
    static let credential = Text(
        "この担当者の資格は今、有効ではありません。機関の管理者に確かめてください。",
        "This person's credential is not valid now. Ask the organisation's administrator.")
    static let role = Text(
        "この担当者は、名のった役割を持っていません。役割を確かめてください。",
        "This person does not hold the stated role. Check the role.")
    static let accessMatrix = Text(
        "この役割と目的では、求めた情報を扱えません。目的と情報の種類を確かめてください。",
        "This role and purpose do not allow what was asked. Check the purpose and the kinds of data.")
    static let serviceOffered = Text(
        "このサービスは、まだ始まっていません。始まるまでお待ちください。",
        "This service is not offered yet. Wait until it opens.")
    static let twoPersons = Text(
        "この操作には二人の承認が必要です。もう一人の承認を得てください。",
        "This needs two people. Get a second approval.")
    static let partyQuota = Text(
        "この機関の利用の回数が上限に達しました。時間をおいてください。",
        "This organisation has reached its limit. Try again later.")
    static let officerQuota = Text(
        "この担当者の利用の回数が上限に達しました。時間をおいてください。",
        "This person has reached the limit. Try again later.")
    static let origin = Text(
        "だれの情報かを確かめられませんでした。もう一度、提示を受けてください。",
        "It could not be shown whose data this is. Ask the person to present again.")
    static let consent = Text(
        "この利用に当てはまる有効な同意がありません。本人に同意を求めてください。",
        "No consent in force covers this use. Ask the person for consent.")
    static let pending = Text(
        "広い範囲の同意は、24時間たつか、もう一つの端末で確かめるまで使えません。",
        "A wide consent waits 24 hours, or for a second device to confirm it.")
    static let emergencyRole = Text(
        "緊急時の例外を使える役割ではありません。救急の医師に頼んでください。",
        "This role cannot use emergency access. Ask an emergency physician.")
    static let emergencyCredential = Text(
        "緊急時の例外には、専用の鍵の器具が必要です。器具を使ってください。",
        "Emergency access needs a hardware key. Use the key.")
    static let emergencyReason = Text(
        "緊急の理由が足りません。理由を選び、短く書いてください。",
        "The reason for the emergency is missing. Choose a reason and write it down.")
    static let emergencyCategories = Text(
        "緊急時の例外では扱えない種類の情報です。必要な種類だけを求めてください。",
        "Emergency access does not cover these kinds of data. Ask only for what is needed.")
    static let emergencyLimit = Text(
        "緊急時の例外の回数が上限に達しました。第三者機関に連絡してください。",
        "The limit of emergency access is reached. Contact the Oversight Authority.")
    static let subjectQuota = Text(
        "この人の情報の利用が短い間に多すぎます。時間をおいてください。",
        "There were too many uses of this person's data in a short time. Try again later.")
    static let record = Text(
        "この記録は確かめられませんでした。預けた機関に確かめてください。",
        "This record could not be verified. Ask the organisation that deposited it.")
    static let recordCategory = Text(
        "この記録の種類は、今回の求めに入っていません。",
        "The kind of this record is not part of the request.")
    static let recordPeriod = Text(
        "この記録の時期は、同意または求めの期間の外です。",
        "The time of this record lies outside the consent or the request.")
}
