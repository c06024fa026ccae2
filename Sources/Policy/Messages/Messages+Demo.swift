/// Who takes part in the demonstration.
public enum DemoParty: String, CaseIterable, Sendable {
    case everybody, patient, neighbour, officials, stranger
    case hospitalA, hospitalB, medicalCentre, numberCentre, authority, ledger, anonymiser
    case transcryptor1, transcryptor2, transcryptor3
}

/// What the demonstration says: its steps, what parties see, what went wrong, what to try next.
public enum DemoText: String, CaseIterable, Sendable {
    // Steps
    case founded, enrolled, agreed, identified, deposited, found, read, history
    case refusalsBegin, nothingAgreed, withdrew, afterWithdrawal, agreedAgain, wrongPurpose, copied, lied, truth
    // About a step
    case took, leaves, noLeaf, sees, seesNothing
    // What can be seen
    case identity, number, pseudonymA, pseudonymB, pseudonymCentre, header, content, asker, purposeOfUse
    // The end
    case table, tableNote, unsearchable, allHeld
    case next, nextTest, nextData, nextBench, nextServices, nextProtocol
    // What goes wrong
    case didNotHold, stopped
    case dataMissing, dataNoFile, dataUnreadable, dataEmpty, dataLarge
}

extension Messages {
    static func text(_ party: DemoParty) -> Text {
        switch party {
        case .everybody: Text("みんな", "everybody")
        case .patient: Text("患者", "the patient")
        case .neighbour: Text("隣の人", "the neighbour")
        case .officials: Text("二人の職員", "two officials")
        case .stranger: Text("知らない人", "a stranger")
        case .hospitalA: Text("病院A", "Hospital A")
        case .hospitalB: Text("病院B", "Hospital B")
        case .medicalCentre: Text("医療情報管理センタ", "Medical Centre")
        case .numberCentre: Text("番号センタ", "Number Centre")
        case .authority: Text("第三者機関", "Oversight Authority")
        case .ledger: Text("公開の台帳", "public ledger")
        case .anonymiser: Text("匿名化の機関", "anonymising body")
        case .transcryptor1: Text("変換機関1", "Transcryptor 1")
        case .transcryptor2: Text("変換機関2", "Transcryptor 2")
        case .transcryptor3: Text("変換機関3", "Transcryptor 3")
        }
    }

    static func text(_ part: DemoText) -> Text {
        switch part {
        case .founded, .enrolled, .agreed, .identified, .deposited, .found, .read, .history: DemoTexts.story(part)
        case .refusalsBegin, .nothingAgreed, .withdrew, .afterWithdrawal, .agreedAgain, .wrongPurpose, .copied, .lied,
            .truth:
            DemoTexts.refusal(part)
        case .took, .leaves, .noLeaf, .sees, .seesNothing: DemoTexts.step(part)
        case .identity, .number, .pseudonymA, .pseudonymB, .pseudonymCentre, .header, .content, .asker, .purposeOfUse:
            DemoTexts.sight(part)
        case .table, .tableNote, .unsearchable, .allHeld, .next, .nextTest, .nextData, .nextBench, .nextServices,
            .nextProtocol:
            DemoTexts.end(part)
        case .didNotHold, .stopped, .dataMissing, .dataNoFile, .dataUnreadable, .dataEmpty, .dataLarge:
            DemoTexts.fault(part)
        }
    }
}

/// The texts by kind. Each function is asked for its own kind only; the switch above sees to it.
private enum DemoTexts {
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

    static func step(_ part: DemoText) -> Text {
        switch part {
        case .took: Text("実時間{time}ミリ秒、CPU {cpu}ミリ秒", "{time} ms, CPU {cpu} ms")
        case .leaves: Text("葉{leaves}、証明は合う", "leaves {leaves}, proofs hold")
        case .noLeaf: Text("本人の葉はない", "no leaf of hers")
        case .sees: Text("見えたもの", "could see")
        default: Text("どれも見えない", "nothing of these")
        }
    }

    static func sight(_ part: DemoText) -> Text {
        switch part {
        case .identity: Text("登録した身元", "identity")
        case .number: Text("個人番号", "number")
        case .pseudonymA: Text("仮名A", "pseudonym at A")
        case .pseudonymB: Text("仮名B", "pseudonym at B")
        case .pseudonymCentre: Text("センタの仮名", "pseudonym at centre")
        case .header: Text("記録の種類と時期", "kind and time")
        case .content: Text("記録の中身", "content")
        case .asker: Text("求めた機関", "who asks")
        default: Text("目的", "what for")
        }
    }

    static func end(_ part: DemoText) -> Text {
        switch part {
        case .table:
            Text(
                "だれが何を見たか。すべての保管場所、送った内容、受け取った内容を調べました。",
                "Who could see what: every store and everything sent and received was searched.")
        case .tableNote:
            Text("+ は見つかったもの、- は見つからなかったもの", "+ is what was found, - what was not")
        case .unsearchable:
            Text(
                "この中身は短いか、同じ字ばかりです。見えたかどうかは調べられません（?）。",
                "This content is too short or too uniform to search for: whether anybody saw it is not known (?).")
        case .allHeld: Text("{count}の確かめは、すべて合いました。", "All {count} checks held.")
        case .next: Text("次に試すこと", "What to try next")
        case .nextTest:
            Text(
                "make test：証明と攻撃をすべて走らせます。",
                "make test   runs all proofs and attacks")
        case .nextData:
            Text(
                "make demo ARGS=\"--data ファイル\"：自分のファイルを預けます。",
                "make demo ARGS=\"--data FILE\"   deposits a file of yours")
        case .nextBench:
            Text(
                "make bench ONLY=exchange：一回のやりとりの速さを測ります。",
                "make bench ONLY=exchange   measures what one exchange costs")
        case .nextServices:
            Text(
                "docs/services.md：九つのサービスを読めます。",
                "docs/services.md   describes the nine services")
        default:
            Text(
                "docs/PROTOCOL.md：なぜ安全かを説明します。",
                "docs/PROTOCOL.md   says why it holds")
        }
    }

    static func fault(_ part: DemoText) -> Text {
        switch part {
        case .didNotHold:
            Text(
                "デモの確かめが合いませんでした：{reason}。この結果を信用せず、make testを走らせてください。",
                "A check of the demonstration did not hold: {reason}. Do not trust this build; run make test.")
        case .stopped:
            Text(
                "デモが途中で止まりました：{reason}。make testを走らせてください。",
                "The demonstration stopped: {reason}. Run make test.")
        case .dataMissing:
            Text(
                "ファイル{file}がありません。あるファイルを指定するか、--dataを外してください。",
                "There is no file {file}. Name one that is there, or leave --data out.")
        case .dataNoFile:
            Text(
                "{file}はファイルではありません。ふつうのファイルを指定してください。",
                "{file} is no file. Name a plain file.")
        case .dataUnreadable:
            Text(
                "ファイル{file}を読めません。読む権限を確かめてください。",
                "The file {file} cannot be read. Check that you may read it.")
        case .dataEmpty:
            Text(
                "ファイル{file}は空です。中身のあるファイルを指定してください。",
                "The file {file} is empty. Name one with something in it.")
        default:
            Text(
                "ファイル{file}は{bytes}バイトで、上限の{limit}バイトを超えます。小さいファイルに分けてください。",
                "The file {file} has {bytes} bytes, more than the {limit} allowed. Split it into smaller files.")
        }
    }
}
