/// A person who does not exist.
public struct MadeUpPerson: Hashable, Sendable {
    public struct Name: Hashable, Sendable {
        /// In kanji, in katakana, in Latin letters.
        public let written, kana, romaji: String
    }
    public let index: Int
    public let family: Name
    public let given: Name
    public let isFemale: Bool
    /// `1984-02-29`
    public let birthDate: String
    public let prefecture: String
    public let city: String
    public let street: String
    /// The number at the hospital (診察券番号): letters and digits that no real number looks like.
    public let recordNumber: String
    /// A number like the ones that must never leave a gateway unsealed; found anywhere else it is an alarm.
    public let canary: String

    var birth: CivilDate {
        let parts = birthDate.split(separator: "-").compactMap { Int($0) }
        return CivilDate(year: parts[0], month: parts[1], day: parts[2])
    }
}

/// Makes people, and what hospitals know about them, from a seed. The same seed gives the same bytes on every machine,
/// and each person is made alone: person 7 is the same whether or not there are others.
///
/// All names are put together from common parts; towns and streets are invented. No number has the form of a real one.
public struct PeopleMaker: Sendable {
    public let seed: UInt64
    /// The day on which the made-up world is looked at.
    public let today: String

    /// - Parameter today: `2026-11-01`.
    public init(seed: UInt64, today: String = "2026-11-01") { (self.seed, self.today) = (seed, today) }

    public func person(_ index: Int) -> MadeUpPerson {
        var random = SplitMix(seed, UInt64(truncatingIfNeeded: index) &* 2)
        let isFemale = random.chance(51)
        let family = random.pick(MadeUpNames.families)
        let given = random.pick(isFemale ? MadeUpNames.women : MadeUpNames.men)
        let now = day(today)
        let birth = CivilDate(days: now.days - random.within(30...33_000))
        let place = random.pick(MadeUpNames.places)
        let block = "\(random.within(1...9))-\(random.within(1...30))-\(random.within(1...20))"
        return MadeUpPerson(
            index: index, family: family, given: given, isFemale: isFemale, birthDate: birth.description,
            prefecture: place.0, city: place.1, street: random.pick(MadeUpNames.streets) + block,
            recordNumber: "K" + pad(index, 6) + "-" + String(random.pick(Array("ACEFHKMNPRTXY"))),
            canary: "MADEUP-X" + FHIREngine.hex((0..<6).map { _ in UInt8(random.below(256)) }))
    }

    func day(_ text: String) -> CivilDate {
        CivilDate(days: Int((DateRange(text)?.low ?? 0) / 86_400_000))
    }
}

/// Parts of names, each in three ways of writing.
enum MadeUpNames {
    private static func names(_ text: String) -> [MadeUpPerson.Name] {
        text.split(whereSeparator: \.isNewline).map { line in
            let parts = line.split(separator: " ").map(String.init)
            return MadeUpPerson.Name(written: parts[0], kana: parts[1], romaji: parts[2])
        }
    }

    static let families = names(
        """
        青葉 アオバ Aoba
        石垣 イシガキ Ishigaki
        海老名 エビナ Ebina
        岡野 オカノ Okano
        霧島 キリシマ Kirishima
        車田 クルマダ Kurumada
        小松原 コマツバラ Komatsubara
        桜庭 サクラバ Sakuraba
        白川 シラカワ Shirakawa
        瀬戸 セト Seto
        高𣘺 タカハシ Takahashi
        月岡 ツキオカ Tsukioka
        戸倉 トクラ Tokura
        長谷部 ハセベ Hasebe
        藤崎 フジサキ Fujisaki
        星野 ホシノ Hoshino
        三雲 ミクモ Mikumo
        森脇 モリワキ Moriwaki
        湯浅 ユアサ Yuasa
        渡邉 ワタナベ Watanabe
        """)
    static let women = names(
        """
        葵 アオイ Aoi
        花 ハナ Hana
        京子 キョウコ Kyoko
        澄江 スミエ Sumie
        奈緒 ナオ Nao
        真由美 マユミ Mayumi
        美咲 ミサキ Misaki
        百合 ユリ Yuri
        凜 リン Rin
        和歌子 ワカコ Wakako
        """)
    static let men = names(
        """
        篤 アツシ Atsushi
        海斗 カイト Kaito
        健太郎 ケンタロウ Kentaro
        駿 シュン Shun
        大地 ダイチ Daichi
        直樹 ナオキ Naoki
        隼人 ハヤト Hayato
        誠 マコト Makoto
        勇気 ユウキ Yuki
        亘 ワタル Wataru
        """)
    static let places = [
        ("青海県", "汐入市"), ("青海県", "夕凪町"), ("白嶺県", "雪見市"), ("白嶺県", "杉谷村"), ("緑野県", "若草市"),
        ("緑野県", "風見市"), ("朝霧府", "中之橋市"), ("朝霧府", "竹の里町"),
    ]
    static let streets = ["本町", "大手町", "桜台", "西の丸", "港通", "欅通", "川岸", "丘の上"]
}
