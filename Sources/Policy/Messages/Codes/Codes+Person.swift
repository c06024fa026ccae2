/// Codes about a person: number, row, presentation, consent.
enum PersonCodes {
    static let number = CodeWords(
        meaning: Text(
            "番号の形が違うか、使えない番号です。",
            "A number has a wrong form, or may not be used here."),
        cause: Text(
            "数字の打ちまちがいか、本物のマイナンバーです。",
            "A digit is wrong, or it is a real My Number, which has no place here."),
        action: Text(
            "番号を確かめてください。マイナンバーは決して入れないでください。",
            "Check the number. Never enter a My Number."))

    static let code = CodeWords(
        meaning: Text(
            "示された記号が使えません。",
            "The code that was shown cannot be used."),
        cause: Text(
            "期限が切れたか、一度使われました。",
            "It has expired, or was used before."),
        action: Text(
            "新しい記号を示してもらってください。",
            "Ask for a new code."))

    static let seal = CodeWords(
        meaning: Text(
            "封をした箱の証明が合いません。",
            "The proof of a sealed box does not hold."),
        cause: Text(
            "箱が別の相手か、別の目的のものです。",
            "The box was made for somebody else, or for another use."),
        action: CodeActions.sendAgain)

    static let open = CodeWords(
        meaning: Text(
            "封をした箱が開きません。",
            "A sealed box does not open."),
        cause: Text(
            "壊れたか、別の鍵の箱です。",
            "It was damaged, or sealed to another key."),
        action: Text(
            "もう一度送ってもらってください。続くなら、鍵を確かめてください。",
            "Ask for it again. If it stays, check the keys."))

    static let padding = CodeWords(
        meaning: Text(
            "箱の中の詰めものが、決まりと違います。",
            "The padding in a box is not as it must be."),
        cause: Text(
            "箱を作ったソフトの版が違います。",
            "The box was made by software of another version."),
        action: CodeActions.sendAgain)

    static let row = CodeWords(
        meaning: Text(
            "この人の行が使えません。",
            "The person's row cannot be used."),
        cause: Text(
            "登録がまだか、止められたか、別の鍵です。",
            "The enrolment is not complete, the row is stopped, or the key is another."),
        action: Text(
            "登録を終えてください。止められたなら、番号センタに行ってください。",
            "Complete the enrolment. If it was stopped, go to the Number Centre."))

    static let presentation = CodeWords(
        meaning: Text(
            "本人の提示が確かめられません。",
            "The presentation of the person cannot be verified."),
        cause: Text(
            "電話が登録されていないか、別の端末への提示です。",
            "The phone is not in the row, or it was presented at another terminal."),
        action: CodeActions.presentAgain)

    static let card = CodeWords(
        meaning: Text(
            "カードの提示が確かめられません。",
            "The presentation by card cannot be verified."),
        cause: Text(
            "カードが無効か、古い提示です。",
            "The card is not valid, or the presentation is old."),
        action: Text(
            "カードをもう一度かざすか、窓口に行ってください。",
            "Present the card again, or go to the counter."))

    static let mandate = CodeWords(
        meaning: Text(
            "代理の許しが、この求めに合いません。",
            "The mandate does not cover this."),
        cause: Text(
            "期限が切れたか、範囲の外です。",
            "It has expired, or this is outside its scope."),
        action: Text(
            "本人に、新しい代理の許しを頼んでください。",
            "Ask the person for a new mandate."))

    static let consent = CodeWords(
        meaning: Text(
            "この利用に当てはまる、有効な同意がありません。",
            "No consent in force covers this use."),
        cause: Text(
            "同意がないか、やめたか、期限か回数が尽きました。",
            "There is none, it was withdrawn, or its time or uses are over."),
        action: Text(
            "本人に同意を求めてください。本人なら、新しく同意してください。",
            "Ask the person for consent. If it is you, give a new one."))

    static let pending = CodeWords(
        meaning: Text(
            "広い範囲の同意なので、まだ使えません。",
            "The consent is a wide one and does not hold yet."),
        cause: Text(
            "30日を超えるか、特に大切な種類か、役割への同意です。",
            "It is longer than 30 days, of sensitive kinds, or to a class of roles."),
        action: Text(
            "24時間待つか、もう一つの端末で確かめてください。",
            "Wait 24 hours, or confirm it on a second device."))

    static let breakglass = CodeWords(
        meaning: Text(
            "緊急時の例外の条件がそろっていません。",
            "The conditions of emergency access are not met."),
        cause: Text(
            "役割、理由、鍵の器具のどれかが足りません。",
            "The role, the reason or the hardware key is missing."),
        action: Text(
            "理由を書き、救急の医師が器具で求めてください。",
            "Write the reason; an emergency physician asks with the key."))

    static let quota = CodeWords(
        meaning: Text(
            "回数の上限に達しました。",
            "The limit of uses is reached."),
        cause: Text(
            "短い間に求めが多すぎました。",
            "There were too many requests in a short time."),
        action: Text(
            "時間をおいてください。仕事に足りないなら、第三者機関に相談してください。",
            "Wait. If your work needs more, talk to the Oversight Authority."))
}
