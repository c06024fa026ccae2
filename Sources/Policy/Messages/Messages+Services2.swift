extension Messages {
    static func u6(_ part: ServiceText) -> Text {
        switch part {
        case .title: Text("修理と点検の引き継ぎ", "Service history that follows the product")
        case .purpose:
            Text(
                "会社や持ち主が変わっても、修理と点検の記録が製品についていきます。",
                "The history of repairs stays with the product when firm or owner change.")
        case .agreed:
            Text(
                "選んだ会社は、製品の修理と点検の記録を読み、自分の行った修理を加えます。",
                "The firm you choose reads the product's service history and adds what it does.")
        case .refusing:
            Text(
                "断っても、修理は頼めます。会社は、前の記録を見ずに修理します。",
                "The product is repaired all the same. The firm then works without the history.")
        case .discloses:
            Text(
                "選んだ会社は修理の記録を読みます。前の持ち主がだれかは分かりません。",
                "The firm you choose reads the service history. It does not learn who owned the product before.")
        case .kept:
            Text(
                "記録は鍵をかけて商品安全センタに置きます。会社は、受け取った写しを{days}日で消します。",
                "Records stay locked at the Product Safety Centre. The firm deletes its copy after {days} days.")
        }
    }

    static func u7(_ part: ServiceText) -> Text {
        switch part {
        case .title: Text("中古品の品質と保証", "Quality and warranty of used products")
        case .purpose:
            Text(
                "製品の記録をもとに、中古品を正しい値段で売り買いできます。",
                "Used products are bought and sold at a fair price, on the ground of their history.")
        case .agreed:
            Text(
                "選んだ店は、製品の記録を読んで値段を決めます。売れたときは、記録を次の持ち主に渡します。",
                "The shop you choose reads the product's history to set a price. The history goes with the product.")
        case .refusing:
            Text(
                "断っても、売ることはできます。店は、記録のない品として値段を決めます。",
                "You can sell all the same. The shop then sets a price without the history.")
        case .discloses:
            Text(
                "店と次の持ち主は、製品の記録を読みます。あなたがだれかは次の持ち主に伝わりません。",
                "The shop and the next owner read the product's history. The next owner does not learn who you are.")
        case .kept:
            Text(
                "記録は鍵をかけて商品安全センタに置きます。店は、受け取った写しを{days}日で消します。",
                "Records stay locked at the Product Safety Centre. The shop deletes its copy after {days} days.")
        }
    }

    static func u8(_ part: ServiceText) -> Text {
        switch part {
        case .title: Text("本人の確認", "Proof of identity")
        case .purpose:
            Text(
                "書類を見せる代わりに、カードや電話で口座を開けます。",
                "You open an account with your card or phone and show no papers.")
        case .agreed:
            Text(
                "銀行は、行政機関に登録された氏名、住所、生年月日、性別を受け取ります。",
                "The bank receives your registered name, address, date of birth and sex.")
        case .refusing:
            Text(
                "断っても、書類を窓口で見せて口座を開けます。",
                "You can open an account at the counter with papers.")
        case .discloses:
            Text(
                "銀行は、選んだ項目だけを知ります。あなたの個人番号は知りません。",
                "The bank learns the items you choose. It does not learn your personal number.")
        case .kept:
            Text(
                "銀行は、本人を確かめた記録を{days}日残します。",
                "The bank keeps the record of this check for {days} days.")
        }
    }

    static func u9(_ part: ServiceText) -> Text {
        switch part {
        case .title: Text("今の名前と住所の確認", "Current name and address")
        case .purpose:
            Text(
                "引っ越しや結婚を役所に届ければ、銀行にも今の名前と住所が伝わります。",
                "You tell the town hall that you moved or married, and your bank can learn it from there.")
        case .agreed:
            Text(
                "銀行は、契約に書かれた理由があるときに、今の氏名と住所を行政機関に確かめます。",
                "For a reason named in your contract, the bank checks your current name and address with the Registry.")
        case .refusing:
            Text(
                "断っても、口座は使えます。名前や住所が変わったときは、自分で銀行に届けます。",
                "You keep your account. You then tell the bank yourself when your name or address changes.")
        case .discloses:
            Text(
                "銀行は、変わったかどうかを先に知ります。同意があるときだけ、新しい氏名と住所を知ります。",
                "The bank first learns whether anything changed, and the new name and address only with consent.")
        case .kept:
            Text(
                "銀行は、確かめた結果を{days}日残します。",
                "The bank keeps the result for {days} days.")
        }
    }
}
