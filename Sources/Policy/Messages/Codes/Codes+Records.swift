/// Codes about sealed records and signatures.
enum RecordCodes {
    static let magic = CodeWords(
        meaning: Text(
            "これは封をした記録ではありません。",
            "This is not a sealed record."),
        cause: Text(
            "別の種類のファイルです。",
            "It is a file of another kind."),
        action: Text(
            "送るものを確かめてください。",
            "Check what is sent."))

    static let headerLength = CodeWords(
        meaning: Text(
            "記録の見出しの長さが違います。",
            "The header of a record has a wrong length."),
        cause: Text(
            "記録が壊れたか、別の版です。",
            "The record was damaged, or is of another version."),
        action: Text(
            "預けた機関に、もう一度預けてもらってください。",
            "Ask the author to deposit it again."))

    static let envelopeLength = CodeWords(
        meaning: Text(
            "封をした記録の長さが違います。",
            "The sealed record has a wrong length."),
        cause: Text(
            "途中で切れたか、足されました。",
            "It was cut off, or something was added."),
        action: Text(
            "もう一度受け取ってください。続くなら、センタに知らせてください。",
            "Fetch it again. If it stays, tell the centre."))

    static let author = CodeWords(
        meaning: Text(
            "記録を書いた機関が、名前と合いません。",
            "The author of the record is not who it says."),
        cause: Text(
            "署名した鍵が、その機関のものではありません。",
            "The key that signed is not that party's."),
        action: CodeActions.keepEvidence)

    static let subject = CodeWords(
        meaning: Text(
            "記録の本人が、求めた人と合いません。",
            "The record is about somebody else."),
        cause: Text(
            "センタが、別の人の記録を渡しました。",
            "The centre gave a record of another person."),
        action: CodeActions.keepEvidence)

    static let prev = CodeWords(
        meaning: Text(
            "前の記録とのつながりが合いません。",
            "The record does not follow the one that it replaces."),
        cause: Text(
            "二つの変更が、同じ記録を置きかえようとしました。",
            "Two changes tried to replace the same record."),
        action: Text(
            "今の記録を読みなおして、もう一度預けてください。",
            "Read the present record and deposit again."))

    static let record = CodeWords(
        meaning: Text(
            "記録が、目録の一行と合いません。",
            "The record does not fit its line in the list."),
        cause: Text(
            "記録が途中で変わったか、古い鍵のものです。",
            "It was changed on the way, or is of an old key."),
        action: Text(
            "もう一度探して、受け取ってください。",
            "Find and fetch it again."))

    static let ticket = CodeWords(
        meaning: Text(
            "記録の鍵の引換券が合いません。",
            "The ticket of a record key does not fit."),
        cause: Text(
            "別の記録か、別の人の引換券です。",
            "It is for another record, key or person."),
        action: Text(
            "もう一度探して、新しい引換券を受け取ってください。",
            "Find again and take new tickets."))

    static let signature = CodeWords(
        meaning: Text(
            "署名が確かめられません。",
            "A signature does not verify."),
        cause: Text(
            "内容が変わったか、別の鍵で署名されました。",
            "The content was changed, or signed with another key."),
        action: Text(
            "署名した鍵を確かめてください。続くなら、第三者機関に知らせてください。",
            "Check the key that signed. If it stays, tell the Oversight Authority."))
}
