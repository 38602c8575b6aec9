"""Figures that more than one dashboard begins with."""

from ops.grafana.panels import Figures

#: Whether each service runs.
UP = Figures(
    "Services up",
    "1 where the operations port answers. 0: see ops/runbooks/ServiceDown.md.",
    'min by (service) (up{job="dateline"})',
    "{{service}}",
    orange=1,
    red=0.5,
    width=10,
)
#: How many alerts fire.
FIRING = Figures(
    "Alerts firing",
    "How many; the table below names them. Each has its page in ops/runbooks.",
    'count(ALERTS{alertstate="firing"}) or vector(0)',
    orange=1,
    red=5,
)
