extension Messages {
    static func text(_ role: Role) -> Text {
        switch role {
        case .physician: Text("医師", "physician")
        case .emergencyPhysician: Text("救急の医師", "emergency physician")
        case .nurse: Text("看護師", "nurse")
        case .pharmacist: Text("薬剤師", "pharmacist")
        case .recordsClerk: Text("診療記録の係", "records clerk")
        case .researcher: Text("研究者", "researcher")
        case .anonymisationOfficer: Text("匿名化の担当者", "anonymisation officer")
        case .salesClerk: Text("販売員", "sales clerk")
        case .recallOfficer: Text("リコールの担当者", "recall officer")
        case .safetyOfficer: Text("安全の担当者", "safety officer")
        case .technician: Text("修理の技術者", "technician")
        case .secondHandDealer: Text("中古品の取扱者", "second-hand dealer")
        case .bankClerk: Text("窓口の担当者", "counter clerk")
        case .keyOfficer: Text("鍵の管理者", "key officer")
        case .subject: Text("本人", "the person")
        case .delegate: Text("代理人", "delegate")
        }
    }

    static func text(_ roles: RoleClass) -> Text {
        switch roles {
        case .physician: Text("すべての医師", "every physician")
        case .careTeam: Text("医師、看護師、薬剤師の全員", "every physician, nurse and pharmacist")
        case .pharmacist: Text("すべての薬剤師", "every pharmacist")
        case .researcher: Text("すべての研究者", "every researcher")
        case .technician: Text("すべての修理の技術者", "every technician")
        }
    }

    static func text(_ purpose: PurposeOfUse) -> Text {
        switch purpose {
        case .treatment: Text("治療のため", "to treat you")
        case .emergency: Text("救急の治療のため", "to treat you in an emergency")
        case .ownUse: Text("自分で見て使うため", "for your own use")
        case .research: Text("医学の研究のため", "for medical research")
        case .returnOfResults: Text("研究で分かった大切なことを知らせるため", "to tell you an important finding of research")
        case .productRegistration: Text("製品の持ち主を登録するため", "to register the owner of a product")
        case .recall: Text("製品の回収を知らせるため", "to tell you about a product recall")
        case .accidentPrevention: Text("事故が起きる前に知らせるため", "to warn you before an accident")
        case .maintenance: Text("製品の修理と点検のため", "to repair and check a product")
        case .resale: Text("中古品の売買のため", "to buy and sell used products")
        case .identityVerification: Text("本人であることを確かめるため", "to check who you are")
        case .statusConfirmation: Text("今の名前と住所を確かめるため", "to check your current name and address")
        case .administration: Text("仕組みを保つため", "to keep the system running")
        }
    }

    static func text(_ category: Category) -> Text {
        switch category {
        case .general: Text("診察の記録", "visits and diagnoses")
        case .laboratory: Text("検査の結果", "laboratory results")
        case .medication: Text("薬の記録", "medicines")
        case .allergy: Text("アレルギー", "allergies")
        case .immunisation: Text("予防接種", "vaccinations")
        case .imaging: Text("画像の検査", "images, such as X-rays")
        case .vitalSigns: Text("血圧や体温", "blood pressure and other vital signs")
        case .checkup: Text("健診と母子手帳", "check-ups and the mother-and-child handbook")
        case .homeMeasurement: Text("家で測った値", "measurements made at home")
        case .mentalHealth: Text("心の病気の記録", "mental health records")
        case .genetic: Text("遺伝子の検査", "genetic tests")
        case .localPatientID: Text("診察券番号", "patient number of the hospital")
        case .finding: Text("研究で分かったこと", "findings of research")
        case .product: Text("製品の番号と情報", "product number and details")
        case .ownership: Text("製品の持ち主", "owner of a product")
        case .productUse: Text("製品の使われ方", "how a product is used")
        case .serviceHistory: Text("修理と点検の記録", "repairs and checks")
        case .recallNotice: Text("回収や危険の知らせ", "recall and safety notices")
        case .name: Text("氏名", "name")
        case .address: Text("住所", "address")
        case .birthDate: Text("生年月日", "date of birth")
        case .sex: Text("性別", "sex")
        case .status: Text("変わったかどうか", "whether anything has changed")
        case .contact: Text("連絡先", "contact details")
        }
    }

    static func text(_ role: PartyRole) -> Text {
        switch role {
        case .hospital: Text("病院", "hospital")
        case .clinic: Text("診療所", "clinic")
        case .pharmacy: Text("薬局", "pharmacy")
        case .researchInstitute: Text("研究機関", "research institute")
        case .anonymiser: Text("匿名化の機関", "anonymising body")
        case .retailer: Text("販売店", "shop")
        case .manufacturer: Text("製造者", "maker")
        case .maintenanceFirm: Text("修理と点検の会社", "repair firm")
        case .secondHandDealer: Text("中古品店", "second-hand shop")
        case .bank: Text("銀行", "bank")
        case .insurer: Text("保険会社", "insurer")
        case .medicalCentre: Text("医療情報管理センタ", "Medical Centre")
        case .productSafetyCentre: Text("商品安全センタ", "Product Safety Centre")
        case .residentRegistry: Text("行政機関(住民の登録)", "Resident Registry")
        case .numberCentre: Text("個人番号管理センタ", "Number Centre")
        case .cardService: Text("カードの機関", "card service")
        case .authority: Text("第三者機関", "Oversight Authority")
        case .transcryptor: Text("変換機関", "Transcryptor")
        case .portal: Text("マイ・ポータル", "My Portal")
        }
    }

    static func text(_ ground: Ground) -> Text {
        switch ground {
        case .consent: Text("本人の同意", "the person's consent")
        case .breakGlass: Text("緊急時の例外", "emergency access")
        case .policyRule: Text("定められた規則", "a rule of the policy")
        }
    }

    static func text(_ reason: EmergencyReason) -> Text {
        switch reason {
        case .unconscious: Text("本人に意識がない", "the person is unconscious")
        case .lifeInDanger: Text("命に危険がある", "life is in danger")
        case .cannotConsent: Text("本人が同意を示せず、代わる人もいない", "the person cannot consent and nobody else may")
        }
    }

    static func text(_ kind: ExchangeKind) -> Text {
        switch kind {
        case .identify: Text("目の前の人がだれかを知る", "identify the person at the desk")
        case .find: Text("その人の記録を探す", "find records of the person")
        case .deposit: Text("記録を預ける", "deposit records")
        case .fetch: Text("記録を受け取る", "fetch records")
        case .link: Text("ほかの機関につなぐ", "link to another body")
        case .study: Text("研究のためにまとめて渡す", "pass batches for a study")
        case .rotate: Text("符号を新しくする", "renew pseudonyms")
        case .recover: Text("失われた符号を戻す", "recover a lost pseudonym")
        }
    }
}
