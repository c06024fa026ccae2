/// Codes about an exchange, its parties and the ledger.
enum ExchangeCodes {
    static let route = CodeWords(
        meaning: Text(
            "変換の道すじが、決まったものと違います。",
            "The route is not the pinned one, or a point of it is missing."),
        cause: Text(
            "新しい機関の点が、まだ公開されていません。",
            "The points of a new party are not published yet."),
        action: Text(
            "認定がすべて済んだかを確かめ、少し待って試してください。",
            "Check that the party is fully accredited, wait a minute and try again."))

    static let chainIncomplete = CodeWords(
        meaning: Text(
            "変換の段が足りません。",
            "There are fewer steps than the route has."),
        cause: Text(
            "途中の変換機関の答えが、届いていません。",
            "The answer of a Transcryptor on the way did not arrive."),
        action: CodeActions.sendAgain)

    static let share = CodeWords(
        meaning: Text(
            "鍵の一部が、この求めのものではありません。",
            "A share does not belong to this request."),
        cause: Text(
            "別の求めや、別の時期の鍵の一部です。",
            "It is of another request, class or epoch."),
        action: CodeActions.keepEvidence)

    static let participants = CodeWords(
        meaning: Text(
            "参加する変換機関の名前か数が違います。",
            "The Transcryptors that take part are not as they must be."),
        cause: Text(
            "同じ機関を二度名ざしたか、知らない機関を名ざしました。",
            "One was named twice, out of order, or is not known."),
        action: Text(
            "設定にある変換機関を確かめてください。",
            "Check the Transcryptors in the settings."))

    static let intent = CodeWords(
        meaning: Text(
            "変換機関の判定の署名が、この求めと合いません。",
            "The signed decisions do not fit this request."),
        cause: Text(
            "順番の違う呼び出しか、別の求めの判定です。",
            "A call came out of order, or the decisions are of another request."),
        action: Text(
            "求めを初めからやり直してください。",
            "Begin the request again."))

    static let peer = CodeWords(
        meaning: Text(
            "この相手は、この呼び出しを使えません。",
            "This caller may not make this call."),
        cause: Text(
            "証明書がないか、認定された機関のものではありません。",
            "The certificate is missing, or is not that of an accredited party."),
        action: Text(
            "証明書と認定を確かめてください。",
            "Check the certificate and the accreditation."))

    static let directory = CodeWords(
        meaning: Text(
            "認定の一覧に、今使えるものがありません。",
            "The Directory has no entry in force, or the copy of it is too old."),
        cause: Text(
            "機関が止められたか、一覧を新しくできません。",
            "The party is suspended, or the authority cannot be reached."),
        action: Text(
            "認定を確かめてください。一覧が古いときは、第三者機関への接続を直してください。",
            "Check the accreditation. If the copy is old, repair the connection to the authority."))

    static let policy = CodeWords(
        meaning: Text(
            "決まりが、この求めを許していません。",
            "The policy does not allow this request."),
        cause: Text(
            "役割、目的、情報の種類のどれかが、表にありません。",
            "Role, purpose or kinds of data are not in the access matrix, or a second approval is missing."),
        action: Text(
            "目的と情報の種類を確かめ、必要なら二人目の承認を得てください。",
            "Check the purpose and the kinds of data; get a second approval where one is needed."))

    static let source = CodeWords(
        meaning: Text(
            "元の仮名が、この機関のものではありません。",
            "The pseudonym is not one of the party that sent it."),
        cause: Text(
            "古い時期の仮名か、ほかの機関の仮名です。",
            "It is of an earlier epoch, or of another party."),
        action: CodeActions.presentAgain)

    static let target = CodeWords(
        meaning: Text(
            "行き先の機関に、この求めは送れません。",
            "This request cannot go to that target."),
        cause: Text(
            "行き先の役割か時期が合いません。",
            "The role or epoch of the target does not fit."),
        action: Text(
            "行き先の名前を確かめてください。",
            "Check the name of the target."))

    static let time = CodeWords(
        meaning: Text(
            "時刻が、許された範囲の外です。",
            "The time is outside what is allowed."),
        cause: Text(
            "時計がずれているか、古いものをもう一度送りました。",
            "A clock is wrong, or something old was sent again."),
        action: Text(
            "時計を合わせ、新しく作って送ってください。",
            "Set the clock, make it anew and send it."))

    static let conflict = CodeWords(
        meaning: Text(
            "同じ番号で、違う内容がすでにあります。",
            "Something else stands under this id already."),
        cause: Text(
            "ほかの電話や、前の求めが先に書きました。",
            "Another phone or an earlier request wrote it first."),
        action: Text(
            "今あるものを読みなおしてから、新しく作ってください。",
            "Read what is there, then make a new one."))

    static let head = CodeWords(
        meaning: Text(
            "台帳の示す所に、あるはずのものがありません。",
            "Something is not in the ledger where it must be, or a history went back."),
        cause: Text(
            "変換機関が、履歴の一部を見せていません。",
            "A Transcryptor does not show a part of the history."),
        action: Text(
            "履歴をもう一度読んでください。続くなら、第三者機関に知らせてください。",
            "Read the history again. If it stays, tell the Oversight Authority."))

    static let ledger = CodeWords(
        meaning: Text(
            "台帳が、まだ確かめられません。",
            "The ledger cannot be verified yet."),
        cause: Text(
            "葉がまだ入っていないか、証人の署名が足りません。",
            "A leaf is not included yet, or signatures of witnesses are missing."),
        action: CodeActions.later)

    static let unavailable = CodeWords(
        meaning: Text(
            "今は答えられません。",
            "The node cannot answer now."),
        cause: Text(
            "止まっているか、追いついている途中か、つながりません。",
            "It is down, catching up, or cannot be reached."),
        action: Text(
            "少し待って、もう一度試してください。同じ求めを送りなおせます。",
            "Wait a little and try again; the same request may be sent again."))
}
