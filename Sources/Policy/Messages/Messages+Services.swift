extension Messages {
    static func text(_ id: ServiceID, _ part: ServiceText) -> Text {
        switch id {
        case .u1: u1(part)
        case .u2: u2(part)
        case .u3: u3(part)
        case .u4: u4(part)
        case .u5: u5(part)
        case .u6: u6(part)
        case .u7: u7(part)
        case .u8: u8(part)
        case .u9: u9(part)
        }
    }

    static func u1(_ part: ServiceText) -> Text {
        switch part {
        case .title: Text("医療の記録の引き継ぎ", "Care that follows you")
        case .purpose:
            Text(
                "転院しても、前の病院の記録で治療を受けられます。",
                "When you change hospital, the new one can treat you with your earlier records.")
        case .agreed:
            Text(
                "病院は、鍵をかけたあなたの記録をセンタに預けます。選んだ病院だけが、それを読んで治療に使います。",
                "Your hospital deposits your locked records at the centre. Only the one you choose reads them for you.")
        case .refusing:
            Text(
                "断っても、治療は受けられます。新しい病院は、前の病院の記録を見ずに治療します。",
                "You are treated all the same. The new hospital then works without your earlier records.")
        case .discloses:
            Text(
                "選んだ病院は記録を読みます。センタは、種類と時期だけを知り、中身は読めません。",
                "The hospital you choose reads the records. The centre sees kind and time, never the content.")
        case .kept:
            Text(
                "記録は鍵をかけて医療情報管理センタに置きます。受け取った病院は、{days}日まで残せます。",
                "Records stay locked at the Medical Centre. A hospital that receives them may keep them {days} days.")
        }
    }

    static func u2(_ part: ServiceText) -> Text {
        switch part {
        case .title: Text("一生の健康の記録", "Your health record for life")
        case .purpose:
            Text(
                "母子手帳から健診まで、自分の体の記録を一つにまとめて見られます。",
                "You see all about your own body in one place, from the mother-and-child handbook to check-ups.")
        case .agreed:
            Text(
                "マイ・ポータルを通して自分の記録を読み、家で測った値を加えます。",
                "You read your record through My Portal and add what you measure at home.")
        case .refusing:
            Text(
                "断っても、病院での治療は変わりません。記録を一つにまとめて見ることはできません。",
                "Your care stays the same. You just do not see your records in one place.")
        case .discloses:
            Text(
                "記録を読めるのは、あなたと、あなたが選んだ人だけです。",
                "Only you, and those you choose, read the record.")
        case .kept:
            Text(
                "記録は鍵をかけて医療情報管理センタに置きます。見るために取り出したものは{days}日で消します。",
                "Records stay locked at the Medical Centre. Copies made for reading are deleted after {days} days.")
        }
    }

    static func u3(_ part: ServiceText) -> Text {
        switch part {
        case .title: Text("医学の研究への利用", "Medical research")
        case .purpose:
            Text(
                "薬の副作用や病気の広がりを調べるために、名前の分からない形で記録を使います。",
                "Records without names help to study side effects of medicines and the spread of illness.")
        case .agreed:
            Text(
                "あなたの記録を、だれのものか分からない形にして研究に使います。大切なことが分かれば、あなたに知らせます。",
                "Your records serve research in a form that does not show who you are. You hear of important findings.")
        case .refusing:
            Text(
                "断っても、治療は変わりません。あなたの記録は研究に使われません。",
                "Your care stays the same. Your records are not used for research.")
        case .discloses:
            Text(
                "匿名化の機関は名前のない記録を読みます。研究者は、だれの記録かを知ることができません。",
                "The anonymising body reads records without names. Researchers cannot learn whose they are.")
        case .kept:
            Text(
                "研究の結果は公の記録に残ります。もとの記録の写しは{days}日で消します。",
                "Results stay in the public record. Copies of the original records are deleted after {days} days.")
        }
    }

    static func u4(_ part: ServiceText) -> Text {
        switch part {
        case .title: Text("製品の回収の知らせ", "Recall notices")
        case .purpose:
            Text(
                "買った製品に欠陥が見つかったとき、持ち主に確実に知らせます。",
                "When a product that you bought turns out to be faulty, you are told for certain.")
        case .agreed:
            Text(
                "販売店は、製品の番号と持ち主のつながりを登録します。引っ越したときは、行政機関の住所で知らせを届けます。",
                "The shop registers that the product is yours. If you move, notices follow your registered address.")
        case .refusing:
            Text(
                "断っても、買い物はできます。回収の知らせは、自分で調べる必要があります。",
                "You can buy all the same. You then have to look for recalls yourself.")
        case .discloses:
            Text(
                "製造者は、持ち主がだれかを知りません。センタは、名前と住所を知りません。",
                "The maker does not learn who owns a product. The centre does not learn names or addresses.")
        case .kept:
            Text(
                "登録は商品安全センタに置きます。知らせに使った住所は、{days}日を超えて残しません。",
                "The registration stays at the Product Safety Centre. An address for a notice is kept for {days} days.")
        }
    }

    static func u5(_ part: ServiceText) -> Text {
        switch part {
        case .title: Text("事故が起きる前の知らせ", "Warnings before an accident")
        case .purpose:
            Text(
                "製品の使われ方から危険を見つけ、事故の前に持ち主に知らせます。",
                "Danger is seen in how a product is used, and its owner is warned before an accident.")
        case .agreed:
            Text(
                "製品の使われ方を記録し、危険があるときに、あなたに知らせます。",
                "How the product is used is recorded, and you are warned when there is danger.")
        case .refusing:
            Text(
                "断っても、製品は使えます。事故の前の知らせは届きません。",
                "You can use the product all the same. You get no warnings.")
        case .discloses:
            Text(
                "見守る会社は、使われ方を知りますが、持ち主がだれかを知りません。",
                "The firm that watches sees how the product is used, not who owns it.")
        case .kept:
            Text(
                "記録は鍵をかけて商品安全センタに置きます。見守る会社は、{days}日で消します。",
                "Records stay locked at the Product Safety Centre. The watching firm deletes them after {days} days.")
        }
    }
}
