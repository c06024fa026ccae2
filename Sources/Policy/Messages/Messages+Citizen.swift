/// What `warifu citizen` and `warifu explain` say.
public enum CitizenText: String, CaseIterable, Sendable {
    // Enrolment and showing oneself
    case enrolled, number, asked, presented, question
    // Consents
    case given, noConsents, consent, kinds, withdrawn, withdrawnNowhere, deniedAll
    // History
    case uses, used, refused, waits, entries, noDoubts, mayBeIncomplete
    case hiding, falseDetail, gap, missing, silent
    // Explanations
    case meaning, cause, action, fromNode, fromFHIR, fromCommand, unknownCode
}

extension Messages {
    static func text(_ part: CitizenText) -> Text {
        switch part {
        case .enrolled, .number, .asked, .presented, .question: CitizenTexts.person(part)
        case .given, .noConsents, .consent, .kinds, .withdrawn, .withdrawnNowhere, .deniedAll:
            CitizenTexts.consent(part)
        case .uses, .used, .refused, .waits, .entries, .noDoubts, .mayBeIncomplete: CitizenTexts.history(part)
        case .hiding, .falseDetail, .gap, .missing, .silent: CitizenTexts.doubt(part)
        case .meaning, .cause, .action, .fromNode, .fromFHIR, .fromCommand, .unknownCode: CitizenTexts.code(part)
        }
    }
}

/// The texts by kind. Each function is asked for its own kind only; the switch above sees to it.
private enum CitizenTexts {
    static func person(_ part: CitizenText) -> Text {
        switch part {
        case .enrolled: Text("登録しました。電話の鍵はこのフォルダだけにあります。", "You are enrolled. The keys are in this folder alone.")
        case .number:
            Text(
                "あなたの番号は{mark}です。今だけ表示します。書きとめてください。",
                "Your number is {mark}. It is shown this once: write it down.")
        case .asked:
            Text(
                "{party}が、あなたであることを確かめようとしています。目的：{purpose}。",
                "{party} asks you to show who you are. Purpose: {purpose}.")
        case .presented: Text("{party}に示しました。", "You are presented to {party}.")
        default: Text("よろしいですか。はいなら y を押してください。", "Do you agree? Type y for yes.")
        }
    }

    static func consent(_ part: CitizenText) -> Text {
        switch part {
        case .given:
            Text(
                "同意{mark}に署名しました。変換機関{limit}のうち{count}が受け取りました。",
                "Consent {mark} is signed; {count} of {limit} Transcryptors have it.")
        case .noConsents: Text("今、有効な同意はありません。", "No consent is in force.")
        case .consent:
            Text(
                "{mark}：{party}に{until}まで許しています。目的：{purpose}。",
                "{mark}: {party}, until {until}. Purpose: {purpose}.")
        case .kinds: Text("情報の種類：{kinds}", "Kinds of data: {kinds}")
        case .withdrawn:
            Text(
                "同意{mark}をやめました。台帳の葉{leaves}が証しです。一分でどこでも効きます。",
                "Consent {mark} is withdrawn; leaf {leaves} of the ledger proves it. Within a minute it holds everywhere."
            )
        case .withdrawnNowhere:
            Text(
                "同意{mark}をやめました。どの変換機関にも届いていませんでした。",
                "Consent {mark} is withdrawn. It had reached no Transcryptor.")
        default:
            Text(
                "すべての同意をやめました。台帳の葉{leaves}が証しです。一分でどこでも効きます。",
                "All consents are over; leaf {leaves} of the ledger proves it. Within a minute it holds everywhere.")
        }
    }

    static func history(_ part: CitizenText) -> Text {
        switch part {
        case .uses: Text("あなたの情報についての求め：{count}件", "Requests about your data: {count}")
        case .used:
            Text(
                "葉{leaves}：{party}が使いました。目的：{purpose}。記録{records}件。",
                "Leaf {leaves}: {party} used it. Purpose: {purpose}. Records: {records}.")
        case .refused:
            Text(
                "葉{leaves}：{party}は断られました（{reason}）。目的：{purpose}。",
                "Leaf {leaves}: {party} was refused ({reason}). Purpose: {purpose}.")
        case .waits:
            Text(
                "葉{leaves}：{party}が求め、まだ決まっていません。目的：{purpose}。",
                "Leaf {leaves}: {party} asked, and it is not decided yet. Purpose: {purpose}.")
        case .entries: Text("電話と同意の記入：{count}件", "Entries of phones and consents: {count}")
        case .noDoubts: Text("証明はすべて合い、抜けはありません。", "Every proof holds, and nothing is missing.")
        default: Text("履歴に抜けがあるかもしれません。", "The history may be incomplete.")
        }
    }

    static func doubt(_ part: CitizenText) -> Text {
        switch part {
        case .hiding:
            Text(
                "{party}が、台帳にあるものを隠しているか、後もどりしました。その署名が証拠です。",
                "{party} hides what is in the ledger, or went back. Its own signature proves it.")
        case .falseDetail:
            Text(
                "{party}が見せた内容は、台帳と合いません。その署名が証拠です。",
                "What {party} shows does not fit the ledger. Its own signature proves it.")
        case .gap:
            Text(
                "{party}の{count}番の記入が、10分たっても台帳にありません。",
                "Entry {count} of {party} is not in the ledger after ten minutes.")
        case .missing:
            Text(
                "{party}が加わった求めの記入が、10分たっても見つかりません。",
                "A request in which {party} took part has no entry of it after ten minutes.")
        default: Text("{party}から、新しい答えがありません。", "{party} gave no answer, or only an old one.")
        }
    }

    static func code(_ part: CitizenText) -> Text {
        switch part {
        case .meaning: Text("意味", "What it means")
        case .cause: Text("考えられる原因", "Likely cause")
        case .action: Text("すること", "What to do")
        case .fromNode: Text("機関の答え", "answer of a node")
        case .fromFHIR: Text("FHIRと受付の答え", "answer of FHIR and desk")
        case .fromCommand: Text("この命令の知らせ", "message of the command")
        default: Text("この名前の記号はありません。あるのは次のものです。", "There is no code of this name. There are these:")
        }
    }
}
