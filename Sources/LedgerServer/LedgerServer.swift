import Hummingbird
import AsyncHTTPClient
import Ledger
import Serving
