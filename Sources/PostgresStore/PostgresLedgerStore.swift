import CPostgres
import Ledger
