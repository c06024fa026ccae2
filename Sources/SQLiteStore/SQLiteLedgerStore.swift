import GRDB
import Ledger
