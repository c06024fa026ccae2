/// The texts by kind. Each function is asked for its own kind only; the switch above sees to it.
enum DemoTexts {
    static func story(_ part: DemoText) -> Text {
        switch part {
        case .founded:
            Text(
                "変換機関は{count}つで鍵を分けて作りました。何をするにも{uses}つが要ります。",
                "the {count} Transcryptors made the keys in parts; {uses} of them are needed for anything")
        case .enrolled:
            Text(
                "患者を登録し、個人番号を渡しました。一人の職員だけでは断られました（{reason}）。",
                "enrol the patient and hand her a number; one official alone was refused ({reason})")
        case .agreed:
            Text(
                "{party}が「{purpose}」に使うことに{until}まで同意しました。{count}つの変換機関が受け取りました。",
                "agrees that {party} may use her records ({purpose}) until {until}; {count} Transcryptors have it")
        case .identified:
            Text(
                "電話を示した患者を、自分だけの仮名（{mark}）で知りました。",
                "knows the patient who shows her phone by a pseudonym of its own ({mark})")
        case .deposited:
            Text(
                "記録{records}件（{bytes}バイト）をセンタに預けました。{count}回の呼び出しのどれにも、病院Bの名はありません。",
                "deposits {records} sealed record(s) of {bytes} bytes at the centre; none of the {count} calls names Hospital B"
            )
        case .found:
            Text(
                "引っ越した患者を別の仮名（{mark}）で知り、センタに記録{records}件を見つけました。",
                "knows her, who has moved, by another pseudonym ({mark}), and finds {records} record(s) at the centre")
        case .read:
            Text(
                "記録{records}件を読みました。預けた{bytes}バイトと、一バイトも違いません。",
                "reads {records} record(s): byte for byte the {bytes} bytes that were deposited")
        default:
            Text(
                "電話で{uses}回の利用を見ました。証明はすべて合い、抜けは{count}です。",
                "sees {uses} uses on her phone; every proof holds, gaps: {count}")
        }
    }

    static func refusal(_ part: DemoText) -> Text {
        switch part {
        case .refusalsBegin: Text("断られるもの", "What is refused")
        case .nothingAgreed:
            Text(
                "何にも同意していない隣の人について求め、断られました。隣の人の電話には理由が出ます（{reason}）。",
                "asks about a neighbour who agreed to nothing: refused; the neighbour's phone shows why ({reason})")
        case .withdrew:
            Text(
                "{party}への同意をやめました。台帳の葉{leaves}が証しです。",
                "takes back what {party} was allowed; leaf {leaves} of the ledger proves it")
        case .afterWithdrawal:
            Text(
                "もう一度求め、断られました。患者の電話には理由が出ます（{reason}）。",
                "asks again: refused; the patient's phone shows why ({reason})")
        case .agreedAgain:
            Text(
                "{party}にもう一度、「{purpose}」だけに同意しました。",
                "agrees once more that {party} may use them, for one purpose only ({purpose})")
        case .wrongPurpose:
            Text(
                "同じ記録を「{purpose}」に使おうとし、{party}に断られました（{reason}）。",
                "wants the same records for another purpose ({purpose}): {party} refuses ({reason})")
        case .copied:
            Text(
                "病院Bで示されたものを写し、病院Aで使おうとして、断られました。本人が示せば通りました。",
                "copies what was shown at Hospital B and tries it at Hospital A: refused; shown by herself it passed")
        case .lied:
            Text(
                "うその判定を返しました。病院Bは断り、うそをついた{party}を名ざします。その署名（{bytes}バイト）が証拠です。",
                "answers with a false verdict: Hospital B refuses it and names {party}; {bytes} bytes with its signature prove it"
            )
        default:
            Text(
                "正しく答えると、同じ求めが通りました。記録{records}件。",
                "tells the truth again: the same request passes and finds {records} record(s)")
        }
    }

    static func network(_ part: DemoText) -> Text {
        switch part {
        case .admitted:
            Text(
                "{count}つの機関を認定しました。どれも二人の職員が署名しました。一人だけでは断られました（{reason}）。",
                "has admitted {count} parties, each act signed by two officers; one officer alone was refused ({reason})"
            )
        case .sent:
            Text(
                "病院のシステムが、FHIRの資源{records}件（{bytes}バイト）を送りました。合い言葉なしでは断られました（{reason}）。",
                "its own system sends {records} FHIR resources ({bytes} bytes); without a token it was refused ({reason})"
            )
        case .deposits:
            Text(
                "封をした記録{records}件をセンタに預けました。{count}回の通信のどれにも、病院Bの名はありません。",
                "deposits {records} sealed record(s) at the centre; none of the {count} messages names Hospital B")
        case .readSame:
            Text(
                "病院のシステムが資源{records}件を読みました。IDのほかは、病院Aに送られたものと一つも違いません。",
                "its own system reads {records} resources: exactly what Hospital A was sent, but for ids")
        case .looksBack:
            Text(
                "電話で{uses}回の利用を見ました。{count}つの変換機関の署名は台帳に合い、証明はすべて合います。",
                "sees {uses} uses on her phone; what {count} Transcryptors signed fits the ledger, every proof holds")
        default:
            Text(
                "同じ記録を「{purpose}」に使おうとし、断られました（{reason}）。",
                "wants the same records for another purpose ({purpose}): refused ({reason})")
        }
    }
}
