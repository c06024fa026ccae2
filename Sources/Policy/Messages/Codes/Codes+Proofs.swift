/// Codes about the form of data and about proofs.
enum ProofCodes {
    static let point = CodeWords(
        meaning: Text(
            "送られた値が、正しい点ではありません。",
            "A value is not a valid point of the group."),
        cause: Text(
            "データが壊れたか、わざと変えられました。",
            "The data was damaged, or changed on purpose."),
        action: CodeActions.sendAgain)

    static let scalar = CodeWords(
        meaning: Text(
            "送られた値が、正しいスカラーではありません。",
            "A value is not a valid scalar."),
        cause: Text(
            "データが壊れたか、わざと変えられました。",
            "The data was damaged, or changed on purpose."),
        action: CodeActions.sendAgain)

    static let length = CodeWords(
        meaning: Text(
            "送られたデータの長さや数が、決まりと違います。",
            "The data has a wrong length, count or layout."),
        cause: Text(
            "別の版のソフトか、途中で切れたデータです。",
            "Software of another version, or data that was cut off."),
        action: CodeActions.sendAgain)

    static let label = CodeWords(
        meaning: Text(
            "データの種類を示す名前が違います。",
            "The data is labelled as something else than what was expected."),
        cause: Text(
            "別の目的のデータを、ここに送りました。",
            "Data made for another purpose was sent here."),
        action: CodeActions.sendAgain)

    static let trailing = CodeWords(
        meaning: Text(
            "データの後ろに、余分なバイトがあります。",
            "There are bytes behind the end of the data."),
        cause: Text(
            "二つのデータがつながったか、書きかえられました。",
            "Two pieces of data ran together, or somebody added to it."),
        action: CodeActions.sendAgain)

    static let text = CodeWords(
        meaning: Text(
            "名前に、使えない文字があります。",
            "A name has characters that are not allowed."),
        cause: Text(
            "機関の名前は、小文字、数字、点、ハイフンだけです。",
            "Names of parties have lower-case letters, digits, dots and hyphens only."),
        action: Text(
            "名前を確かめて、もう一度送ってください。",
            "Check the name and send it again."))

    static let knowledge = CodeWords(
        meaning: Text(
            "秘密を知っているという証明が合いません。",
            "A proof of knowing a secret does not hold."),
        cause: Text(
            "証明を作った機関が、まちがえたか、うそをつきました。",
            "The node that made the proof erred or lied."),
        action: CodeActions.keepEvidence)

    static let equality = CodeWords(
        meaning: Text(
            "二つの値が同じ秘密から出たという証明が合いません。",
            "A proof that two values come from one secret does not hold."),
        cause: Text(
            "証明を作った機関が、別の鍵を使ったか、うそをつきました。",
            "The node that made the proof used another key, or lied."),
        action: CodeActions.keepEvidence)

    static let reshuffle = CodeWords(
        meaning: Text(
            "仮名の変換の証明が合いません。",
            "The proof of turning a pseudonym does not hold."),
        cause: Text(
            "変換機関が、正しくない変換をしました。",
            "A Transcryptor did not turn it as it must."),
        action: CodeActions.keepEvidence)

    static let sameDomain = CodeWords(
        meaning: Text(
            "変換の前と後が、同じ領域です。",
            "A pseudonym would be turned into the domain in which it is already."),
        cause: Text(
            "求めた側が、行き先をまちがえました。",
            "The requester named the wrong destination."),
        action: Text(
            "行き先を直して、もう一度求めてください。",
            "Correct the destination and ask again."))

    static let opening = CodeWords(
        meaning: Text(
            "先に約束した値と、後で見せた値が違います。",
            "What was shown is not what was promised before."),
        cause: Text(
            "鍵を作る儀式で、一つの機関が値を変えました。",
            "A node changed its value during the key ceremony."),
        action: Text(
            "儀式を初めからやり直してください。",
            "Begin the ceremony again."))

    static let degree = CodeWords(
        meaning: Text(
            "鍵を分ける式の次数が違います。",
            "The polynomial that divides a key has the wrong degree."),
        cause: Text(
            "儀式の参加者が、別の設定を使いました。",
            "A participant of the ceremony used other settings."),
        action: Text(
            "設定を確かめて、儀式を初めからやり直してください。",
            "Check the settings and begin the ceremony again."))

    static let constantTerm = CodeWords(
        meaning: Text(
            "鍵を分けなおす式が、元の鍵と合いません。",
            "The polynomial that divides a key anew does not fit the old key."),
        cause: Text(
            "分けなおす機関が、別の鍵を使いました。",
            "The node that divides it used another key."),
        action: CodeActions.askAuthority)

    static let subshare = CodeWords(
        meaning: Text(
            "受け取った鍵の一部が、公開された値と合いません。",
            "A part of a key does not fit what was published."),
        cause: Text(
            "送った機関が、まちがえたか、うそをつきました。",
            "The node that sent it erred or lied."),
        action: Text(
            "苦情の手順に進み、儀式の記録を残してください。",
            "Go on with the complaint, and keep the record of the ceremony."))
}
