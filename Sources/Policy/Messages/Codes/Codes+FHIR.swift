/// Codes of the FHIR server about what is sent.
enum FHIRBodyCodes {
    static let json = CodeWords(
        meaning: Text(
            "送られたものが、JSONではありません。",
            "The body is not JSON."),
        cause: Text(
            "途中で切れたか、UTF-8ではありません。",
            "It was cut off, or is not in UTF-8."),
        action: CodeActions.correct)

    static let duplicateMember = CodeWords(
        meaning: Text(
            "同じ名前の項目が二度あります。",
            "An object has a member twice."),
        cause: Text(
            "送るソフトのまちがいです。",
            "The software that sends it has a fault."),
        action: Text(
            "どの項目も一度だけ送ってください。",
            "Send each member once."))

    static let tooLarge = CodeWords(
        meaning: Text(
            "送られたものが大きすぎます。",
            "The body is larger than this server accepts."),
        cause: Text(
            "一度に多くを送りました。",
            "Too much was sent at once."),
        action: CodeActions.narrow)

    static let tooComplex = CodeWords(
        meaning: Text(
            "入れ子が深すぎるか、値が多すぎます。",
            "The body is nested too deeply or has too many values."),
        cause: Text(
            "送るソフトのまちがいです。",
            "The software that sends it has a fault."),
        action: CodeActions.narrow)

    static let notAResource = CodeWords(
        meaning: Text(
            "FHIRの資源ではありません。",
            "The body is not a FHIR resource."),
        cause: Text(
            "resourceTypeの項目がありません。",
            "The member resourceType is missing."),
        action: CodeActions.correct)

    static let unknownType = CodeWords(
        meaning: Text(
            "FHIR 4.0.1にない種類です。",
            "This is not a resource type of FHIR 4.0.1."),
        cause: Text(
            "名前の打ちまちがいか、別の版の種類です。",
            "The name is misspelt, or of another version."),
        action: Text(
            "種類の名前を直してください。",
            "Correct the name of the type."))

    static let wrongType = CodeWords(
        meaning: Text(
            "資源の種類が、あて先と違います。",
            "The type of the resource is not the one in the address."),
        cause: Text(
            "送るソフトのまちがいです。",
            "The software that sends it has a fault."),
        action: CodeActions.correct)

    static let badID = CodeWords(
        meaning: Text(
            "idの形が違います。",
            "An id does not have the right form."),
        cause: Text(
            "idは1字から64字の英数字、ハイフン、点です。",
            "An id has 1 to 64 letters, digits, hyphens and dots."),
        action: CodeActions.correct)

    static let wrongID = CodeWords(
        meaning: Text(
            "資源のidが、あて先と違います。",
            "The id of the resource is not the one in the address."),
        cause: Text(
            "送るソフトのまちがいです。",
            "The software that sends it has a fault."),
        action: CodeActions.correct)

    static let badMeta = CodeWords(
        meaning: Text(
            "metaの項目の形が違います。",
            "An element of meta does not have the form that FHIR demands."),
        cause: Text(
            "送るソフトのまちがいです。",
            "The software that sends it has a fault."),
        action: CodeActions.correct)

    static let badDate = CodeWords(
        meaning: Text(
            "日付の形が違います。",
            "A date does not have the form that FHIR demands."),
        cause: Text(
            "日付は2026-01-31のように書きます。",
            "A date is written like 2026-01-31."),
        action: CodeActions.correct)

    static let noSuchPath = CodeWords(
        meaning: Text(
            "このあて先には何もありません。",
            "There is nothing at this address."),
        cause: Text(
            "あて先の打ちまちがいです。",
            "The address is misspelt."),
        action: Text(
            "サーバのmetadataで、あて先を確かめてください。",
            "Look for the address in the server's metadata."))

    static let badMethod = CodeWords(
        meaning: Text(
            "ここではこの操作を使えません。",
            "This method is not available here."),
        cause: Text(
            "送るソフトのまちがいです。",
            "The software that sends it has a fault."),
        action: Text(
            "別の操作を使ってください。",
            "Use another method."))

    static let readOnlyType = CodeWords(
        meaning: Text(
            "この種類は、サーバだけが作ります。",
            "Resources of this type are made by the server alone."),
        cause: Text(
            "記録そのものを書こうとしました。",
            "Somebody tried to write a record of what happened."),
        action: Text(
            "書かずに、読むだけにしてください。",
            "Read it; do not write it."))

    static let notAcceptable = CodeWords(
        meaning: Text(
            "求めた形では送れません。",
            "The form that was asked for is not available."),
        cause: Text(
            "送るのはapplication/fhir+jsonだけです。",
            "Only application/fhir+json is sent."),
        action: Text(
            "Acceptを直してください。",
            "Correct the header Accept."))

    static let badMediaType = CodeWords(
        meaning: Text(
            "この形のデータは読めません。",
            "Data of this media type is not read."),
        cause: Text(
            "読むのはapplication/fhir+jsonとapplication/jsonだけです。",
            "Only application/fhir+json and application/json are read."),
        action: Text(
            "Content-Typeを直してください。",
            "Correct the header Content-Type."))

    static let forbidden = CodeWords(
        meaning: Text(
            "ないか、見てはならないものです。",
            "There is no such thing, or you may not see it."),
        cause: Text(
            "同意がないか、知らない人か、資格がありません。",
            "There is no consent, the person is not known, or a right is missing."),
        action: Text(
            "本人に提示と同意を求めてください。どれが理由かは教えません。",
            "Ask the person to present and to consent. Which reason it is, is not told."))
}
