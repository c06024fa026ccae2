/// Codes of the commands themselves.
enum CommandCodes {
    static let wrongUse = CodeWords(
        meaning: Text(
            "命令の書き方が違います。",
            "The command was not written as it must be."),
        cause: Text(
            "要る項目がないか、値の形が違います。",
            "An option is missing, or its value has another form."),
        action: Text(
            "warifu citizen --helpで書き方を確かめてください。",
            "See the options with: warifu citizen --help"))

    static let nationalNumber = CodeWords(
        meaning: Text(
            "本物のマイナンバーかもしれない数字があります。何もしませんでした。",
            "There are digits that may be a real My Number. Nothing was done."),
        cause: Text(
            "12桁の数字の検査の数が、マイナンバーと合います。",
            "Twelve digits carry the check digit of a My Number."),
        action: Text(
            "その数字を消してください。この仕組みにマイナンバーは要りません。",
            "Take these digits out. This system has no use for a My Number."))

    static let unknownCode = CodeWords(
        meaning: Text(
            "この名前の記号はありません。",
            "There is no code of this name."),
        cause: Text(
            "打ちまちがいか、別の版の記号です。",
            "It is misspelt, or of another version."),
        action: Text(
            "warifu explain --allで一覧を見てください。",
            "See the list with: warifu explain --all"))

    static let noPhone = CodeWords(
        meaning: Text(
            "このフォルダに電話がありません。",
            "There is no phone in this folder."),
        cause: Text(
            "フォルダの名前が違うか、登録がまだです。",
            "The folder is another one, or nobody was enrolled here."),
        action: Text(
            "--phoneを確かめるか、citizen enrolで登録してください。",
            "Check --phone, or enrol with: warifu citizen enrol"))

    static let phoneInUse = CodeWords(
        meaning: Text(
            "この電話は、今ほかの命令が使っています。",
            "Another command is using this phone now."),
        cause: Text(
            "二つの命令を同時に始めました。",
            "Two commands were started at the same time."),
        action: Text(
            "もう一方が終わってから、試してください。",
            "Try again when the other one has ended."))

    static let phoneDamaged = CodeWords(
        meaning: Text(
            "電話のファイルを読めません。",
            "The files of the phone cannot be read."),
        cause: Text(
            "鍵が別のものか、ほかの人も読めるか、壊れています。",
            "The key is another one, may be read by others, or a file is damaged."),
        action: Text(
            "写しから戻してください。写しがなければ、窓口で新しく登録してください。",
            "Restore a copy. Without one, enrol anew at the counter."))

    static let alreadyEnrolled = CodeWords(
        meaning: Text(
            "この電話はもう登録してあります。",
            "This phone is enrolled already."),
        cause: Text(
            "番号は一度だけ伝えます。",
            "The number is told only once."),
        action: Text(
            "番号をなくしたときは、窓口で新しい番号を受け取ってください。",
            "If the number is lost, get a new one at the counter."))

    static let notEnrolled = CodeWords(
        meaning: Text(
            "この電話の登録は、まだ終わっていません。",
            "This phone is not enrolled yet."),
        cause: Text(
            "登録が途中で止まりました。",
            "The enrolment stopped on the way."),
        action: Text(
            "citizen enrolを、同じ身元でもう一度走らせてください。",
            "Run citizen enrol again with the same identity."))

    static let countryFile = CodeWords(
        meaning: Text(
            "国のファイルを読めません。",
            "The files of the country cannot be read."),
        cause: Text(
            "フォルダの名前が違うか、ファイルが古いか壊れています。",
            "The folder is another one, or a file is missing, old or damaged."),
        action: Text(
            "--countryを確かめ、正しい写しを受け取ってください。",
            "Check --country, and get a good copy."))

    static let officialKey = CodeWords(
        meaning: Text(
            "職員の鍵のファイルを読めません。",
            "The key file of an official cannot be read."),
        cause: Text(
            "名前が違うか、ほかの人も読めるか、同じ鍵を二度書きました。",
            "The name is wrong, others may read it, or one key was given twice."),
        action: Text(
            "二人の職員の鍵を、一つずつ指定してください。",
            "Name the keys of two officials, one each."))

    static let unreachable = CodeWords(
        meaning: Text(
            "相手から答えがありません。",
            "There was no answer."),
        cause: Text(
            "止まっているか、つながらないか、証明書が違います。",
            "It is down, cannot be reached, or shows another certificate."),
        action: Text(
            "つながりとaddresses.jsonを確かめ、もう一度試してください。",
            "Check the connection and addresses.json, then try again."))

    static let deskAddress = CodeWords(
        meaning: Text(
            "受付のあて先か、来訪の番号の形が違います。",
            "The address of the desk or the id of the visit does not have the right form."),
        cause: Text(
            "httpsで始まらないか、使えない文字があります。",
            "It does not begin with https, or has characters that are not allowed."),
        action: Text(
            "端末に出ているとおりに書いてください。",
            "Write it as the terminal shows it."))

    static let noVisit = CodeWords(
        meaning: Text(
            "受付に、この来訪はありません。",
            "The desk has no such visit."),
        cause: Text(
            "時間がたったか、もう使われました。",
            "It has expired, or was used before."),
        action: Text(
            "端末に、新しい来訪を出してもらってください。",
            "Ask for a new visit at the terminal."))

    static let deskRefused = CodeWords(
        meaning: Text(
            "受付が、提示を受け取りませんでした。",
            "The desk did not take the presentation."),
        cause: Text(
            "来訪が終わったか、受付が混んでいます。",
            "The visit is over, or the desk is busy."),
        action: Text(
            "新しい来訪で、もう一度示してください。",
            "Present again at a new visit."))

    static let deskAnswer = CodeWords(
        meaning: Text(
            "受付の答えを読めません。",
            "The answer of the desk cannot be read."),
        cause: Text(
            "受付ではないあて先か、別の版です。",
            "It is not a desk, or one of another version."),
        action: Text(
            "あて先を確かめてください。",
            "Check the address."))

    static let noSuchConsent = CodeWords(
        meaning: Text(
            "この同意は、この電話にありません。",
            "This phone has no such consent."),
        cause: Text(
            "番号の写しまちがいか、もうやめた同意です。",
            "The id was copied wrongly, or it was withdrawn before."),
        action: Text(
            "citizen consent listで確かめてください。",
            "See the list with: warifu citizen consent list"))

    static let notConfirmed = CodeWords(
        meaning: Text(
            "はいと答えなかったので、何もしませんでした。",
            "You did not say yes. Nothing was done."),
        cause: Text(
            "問いに、はいと答えませんでした。",
            "The question was not answered with yes."),
        action: Text(
            "そうしたいときは、もう一度走らせて、yと答えてください。",
            "If you want it, run it again and answer y."))

    static let needsYes = CodeWords(
        meaning: Text(
            "人に問うことができないので、何もしませんでした。",
            "Nobody can be asked here. Nothing was done."),
        cause: Text(
            "端末につながっていません。",
            "The command is not at a terminal."),
        action: Text(
            "内容を読んでから、--yesを付けてください。",
            "Read what it says, then add --yes."))

    static let doubts = CodeWords(
        meaning: Text(
            "履歴に抜けがあるかもしれません。",
            "The history may be incomplete."),
        cause: Text(
            "変換機関が隠したか、答えていません。",
            "A Transcryptor hides something, or did not answer."),
        action: Text(
            "後でもう一度読んでください。続くなら、第三者機関に知らせてください。",
            "Read it again later. If it stays, tell the Oversight Authority."))
}
