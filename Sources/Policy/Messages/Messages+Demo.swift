/// Who takes part in the demonstration.
public enum DemoParty: String, CaseIterable, Sendable {
    case everybody, patient, neighbour, officials, stranger
    case hospitalA, hospitalB, medicalCentre, numberCentre, authority, ledger, anonymiser, portal
    case transcryptor1, transcryptor2, transcryptor3
}

/// What the demonstration says: its steps, what parties see, what went wrong, what to try next.
public enum DemoText: String, CaseIterable, Sendable {
    // Steps
    case founded, enrolled, agreed, identified, deposited, found, read, history
    case refusalsBegin, nothingAgreed, withdrew, afterWithdrawal, agreedAgain, wrongPurpose, copied, lied, truth
    // Steps over the network
    case admitted, sent, deposits, readSame, looksBack, otherPurpose
    // About a step
    case took, leaves, noLeaf, sees, seesNothing, searched
    // What can be seen
    case identity, number, pseudonymA, pseudonymB, pseudonymCentre, header, content, asker, purposeOfUse
    // The end
    case table, tableNote, unsearchable, disk, allHeld
    case next, nextTest, nextData, nextBench, nextServices, nextProtocol, nextUp, nextCitizen
    // What goes wrong
    case didNotHold, stopped
    case dataMissing, dataNoFile, dataUnreadable, dataEmpty, dataLarge, dataPacked, dataBundle, dataSensitive
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
        case .portal: Text("マイ・ポータル", "My Portal")
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
        case .admitted, .sent, .deposits, .readSame, .looksBack, .otherPurpose: DemoTexts.network(part)
        case .took, .leaves, .noLeaf, .sees, .seesNothing, .searched: DemoTexts.step(part)
        case .identity, .number, .pseudonymA, .pseudonymB, .pseudonymCentre, .header, .content, .asker, .purposeOfUse:
            DemoTexts.sight(part)
        case .table, .tableNote, .unsearchable, .disk, .allHeld: DemoTexts.end(part)
        case .next, .nextTest, .nextData, .nextBench, .nextServices, .nextProtocol, .nextUp, .nextCitizen:
            DemoTexts.next(part)
        case .didNotHold, .stopped, .dataMissing, .dataNoFile, .dataUnreadable, .dataEmpty, .dataLarge, .dataPacked,
            .dataBundle, .dataSensitive:
            DemoTexts.fault(part)
        }
    }
}
