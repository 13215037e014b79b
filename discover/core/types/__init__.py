"""The frozen objects that stages hand to each other; a module a stage, in the order in which a run makes them:
catalog, embeddings, themes, ledger, options, answers, trends, results.

Conventions: n is the number of items. Arrays are indexed by row (position in the catalog); -1 in an array of
theme numbers means outlier. Vectors are float32 and of unit length. Nothing here is edited after it is made.
"""

from discover.core.types.answers import Assignment as Assignment
from discover.core.types.answers import Assignments as Assignments
from discover.core.types.answers import Atlas as Atlas
from discover.core.types.answers import Card as Card
from discover.core.types.answers import Difference as Difference
from discover.core.types.answers import Dossier as Dossier
from discover.core.types.answers import Evaluation as Evaluation
from discover.core.types.answers import Evidence as Evidence
from discover.core.types.answers import Explanation as Explanation
from discover.core.types.answers import Facets as Facets
from discover.core.types.answers import Figure as Figure
from discover.core.types.answers import MapName as MapName
from discover.core.types.answers import MapPoint as MapPoint
from discover.core.types.answers import Match as Match
from discover.core.types.answers import Matches as Matches
from discover.core.types.answers import Neighbors as Neighbors
from discover.core.types.answers import Profile as Profile
from discover.core.types.answers import Trait as Trait
from discover.core.types.base import Listing as Listing
from discover.core.types.base import plain as plain
from discover.core.types.catalog import ROLES as ROLES
from discover.core.types.catalog import Catalog as Catalog
from discover.core.types.catalog import Reject as Reject
from discover.core.types.embeddings import Embeddings as Embeddings
from discover.core.types.embeddings import EncoderIdentity as EncoderIdentity
from discover.core.types.ledger import EVENT_WORDS as EVENT_WORDS
from discover.core.types.ledger import LIKELY_CONFIDENCE as LIKELY_CONFIDENCE
from discover.core.types.ledger import CatalogDiff as CatalogDiff
from discover.core.types.ledger import Edit as Edit
from discover.core.types.ledger import Entry as Entry
from discover.core.types.ledger import Event as Event
from discover.core.types.ledger import EventWords as EventWords
from discover.core.types.ledger import Keys as Keys
from discover.core.types.ledger import Ledger as Ledger
from discover.core.types.options import NeighborKeywords as NeighborKeywords
from discover.core.types.options import NeighborOptions as NeighborOptions
from discover.core.types.options import Option as Option
from discover.core.types.options import QueryKeywords as QueryKeywords
from discover.core.types.options import QueryOptions as QueryOptions
from discover.core.types.options import RecommendKeywords as RecommendKeywords
from discover.core.types.options import RecommendOptions as RecommendOptions
from discover.core.types.options import SearchKeywords as SearchKeywords
from discover.core.types.options import SearchOptions as SearchOptions
from discover.core.types.results import Claim as Claim
from discover.core.types.results import Mismatch as Mismatch
from discover.core.types.results import Pictures as Pictures
from discover.core.types.results import Report as Report
from discover.core.types.results import RunResults as RunResults
from discover.core.types.results import RunSummary as RunSummary
from discover.core.types.results import Version as Version
from discover.core.types.themes import OUTLIER as OUTLIER
from discover.core.types.themes import ClusterTendency as ClusterTendency
from discover.core.types.themes import Continuation as Continuation
from discover.core.types.themes import Graph as Graph
from discover.core.types.themes import Item as Item
from discover.core.types.themes import Label as Label
from discover.core.types.themes import LabelQuality as LabelQuality
from discover.core.types.themes import Level as Level
from discover.core.types.themes import Place as Place
from discover.core.types.themes import Theme as Theme
from discover.core.types.themes import Themes as Themes
from discover.core.types.themes import themes_by_id as themes_by_id
from discover.core.types.trends import FADING_STATUSES as FADING_STATUSES
from discover.core.types.trends import OUTCOME_WORDS as OUTCOME_WORDS
from discover.core.types.trends import RISING_STATUSES as RISING_STATUSES
from discover.core.types.trends import STATUSES as STATUSES
from discover.core.types.trends import Alert as Alert
from discover.core.types.trends import Change as Change
from discover.core.types.trends import Trend as Trend
from discover.core.types.trends import Trends as Trends
from discover.core.types.trends import WhiteSpace as WhiteSpace
