/// Codes of the FHIR server about conditions, searches and bundles.
enum FHIRSearchCodes {
    static let versionConflict = CodeWords(
        meaning: Text(
            "資源の版が、名ざされた版と違います。",
            "The resource has another version than the one named."),
        cause: Text(
            "ほかのシステムが先に変えました。",
            "Another system changed it first."),
        action: Text(
            "読みなおしてから、もう一度変えてください。",
            "Read it again, then change it."))

    static let conflict = CodeWords(
        meaning: Text(
            "同じ時に、別の求めが資源を変えました。",
            "Another request changed the resource at the same time."),
        cause: Text(
            "二つの書きこみが重なりました。",
            "Two writes met."),
        action: Text(
            "もう一度試してください。",
            "Try again."))

    static let manyMatches = CodeWords(
        meaning: Text(
            "条件に合う資源が二つより多くあります。",
            "More than one resource meets the condition."),
        cause: Text(
            "条件が広すぎます。",
            "The condition is too wide."),
        action: Text(
            "一つだけを名ざしてください。",
            "Name one of them."))

    static let needsCondition = CodeWords(
        meaning: Text(
            "条件がありません。",
            "A condition is missing."),
        cause: Text(
            "検索の項目を一つも知りませんでした。",
            "None of the search parameters is known here."),
        action: Text(
            "知られている検索の項目を、一つは書いてください。",
            "Give at least one search parameter that this server knows."))

    static let badParameter = CodeWords(
        meaning: Text(
            "検索の値の形が違います。",
            "The value of a search parameter does not have the right form."),
        cause: Text(
            "日付や数の書き方が違います。",
            "A date or number is written in another way."),
        action: CodeActions.correct)

    static let unknownParameter = CodeWords(
        meaning: Text(
            "知らない検索の項目です。",
            "A search parameter is not known here."),
        cause: Text(
            "厳しく調べるように頼まれています。",
            "The server was asked to be strict."),
        action: Text(
            "項目を消すか、厳しい調べをやめてください。",
            "Leave the parameter out, or do not ask for strictness."))

    static let badModifier = CodeWords(
        meaning: Text(
            "この検索の項目に、この修飾は使えません。",
            "This modifier is not available for this search parameter."),
        cause: Text(
            "別の項目の修飾です。",
            "It belongs to another parameter."),
        action: Text(
            "修飾を消すか、別のものにしてください。",
            "Leave the modifier out, or use another."))

    static let badHeader = CodeWords(
        meaning: Text(
            "見出しの形が違います。",
            "A header does not have the form that was expected."),
        cause: Text(
            "送るソフトのまちがいです。",
            "The software that sends it has a fault."),
        action: CodeActions.correct)

    static let pageExpired = CodeWords(
        meaning: Text(
            "このページはもうありません。",
            "This page is no longer available."),
        cause: Text(
            "検索から長い時間がたちました。",
            "The search was made too long ago."),
        action: Text(
            "もう一度検索してください。",
            "Search again."))

    static let notABundle = CodeWords(
        meaning: Text(
            "transactionかbatchのBundleではありません。",
            "The body is not a Bundle of type transaction or batch."),
        cause: Text(
            "別の種類のBundleを送りました。",
            "A Bundle of another type was sent."),
        action: CodeActions.correct)

    static let badEntry = CodeWords(
        meaning: Text(
            "Bundleの中の求めが足りません。",
            "An entry of the bundle lacks what its request needs."),
        cause: Text(
            "methodかurlがないか、使えないものです。",
            "The method or url is missing, or is not one."),
        action: CodeActions.correct)

    static let tooManyEntries = CodeWords(
        meaning: Text(
            "Bundleの中身が多すぎます。",
            "The bundle has more entries than this server accepts."),
        cause: Text(
            "一度に多くを送りました。",
            "Too much was sent at once."),
        action: CodeActions.narrow)

    static let duplicateEntry = CodeWords(
        meaning: Text(
            "Bundleの二つの中身が、同じ資源を変えます。",
            "Two entries of the bundle change the same resource."),
        cause: Text(
            "同じfullUrlか、同じidが二度あります。",
            "The same fullUrl or id stands there twice."),
        action: CodeActions.correct)

    static let unresolvedReference = CodeWords(
        meaning: Text(
            "Bundleの参照の先がありません。",
            "A reference of the bundle leads to nothing, or to more than one resource."),
        cause: Text(
            "先に送るはずの資源が、まだありません。",
            "A resource that it needs was not sent before."),
        action: Text(
            "参照の先も、いっしょに送ってください。",
            "Send what it refers to as well."))

    static let unavailable = CodeWords(
        meaning: Text(
            "サーバは、今これをできません。",
            "The server cannot do this now."),
        cause: Text(
            "ほかの機関を待っているか、混んでいます。",
            "It waits for another node, or is busy."),
        action: CodeActions.later)

    static let tooCostly = CodeWords(
        meaning: Text(
            "一度にする量を超えた求めです。",
            "The request asks for more than this server does at once."),
        cause: Text(
            "検索が広すぎます。",
            "The search is too wide."),
        action: CodeActions.narrow)
}
