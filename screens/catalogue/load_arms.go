package catalogue

import (
	"strconv"

	"github.com/proffer-id/proffer/internal/diag"
)

// A rawArm is a share alone, or a share and what is different.
type rawArm struct {
	Share int
	Show  []string
	Offer string
	wrong bool // what stands there could not be read, which has been reported
}

// DecodeNode reads both shapes.
func (a *rawArm) DecodeNode(at diag.Node) {
	if _, plain := at.Scalar(); plain {
		a.wrong = !at.Decode(&a.Share)
		return
	}
	raw := struct {
		Share int `diag:"required"`
		Show  []string
		Offer string
	}{}
	wrong := !at.Decode(&raw)
	*a = rawArm{raw.Share, raw.Show, raw.Offer, wrong}
}

// arms reads the ways an experiment shows a campaign.
func (l *loading) arms(c *Campaign, raw *rawCampaign, at diag.Node) {
	in := at.Field("arms")
	if raw.ArmsUntil != nil {
		until := at.Field("arms_until")
		c.ArmsUntil = *raw.ArmsUntil
		switch {
		case !in.Set():
			until.Errorf("there are no arms whose end this could be; leave it out")
		case c.ArmsUntil < 2*raw.Arms.Len():
			until.Errorf("write for how many customers the experiment is planned, such as 2000")
		}
	}
	if !in.Set() {
		return
	}
	if raw.Arms.Len() == 1 {
		in.Errorf("one arm is no experiment; write two or more, or leave arms out")
	}
	total, differ, open, read := 0, false, 0, true
	for _, id := range raw.Arms.Keys {
		one, here := raw.Arms.Of[id], in.Field(id)
		l.id(in.Key(id), id)
		a := &Arm{ID: id, Share: one.Share, Show: one.Show, Offer: one.Offer}
		if a.Share < 0 || a.Share > 100 {
			here.Errorf("write a share of 0 to 100; those of all arms make 100")
		}
		total += a.Share
		read = read && !one.wrong
		if a.Share > 0 {
			open++
		}
		as := *c
		as.Arms, as.Arm = nil, id
		if here.Field("show").Set() {
			as.Show = a.Show
			l.show(&as, at, here.Field("show"))
			differ = true
		}
		if a.Offer != "" {
			as.Offer = a.Offer
			l.offered(&as, here.Field("offer"), at)
			differ = true
		}
		if c.Blocking && here.Field("show").Set() {
			l.needed(&as, at)
		}
		a.campaign = &as
		c.Arms = append(c.Arms, a)
	}
	if read && total != 100 && len(c.Arms) > 1 {
		in.Errorf("the shares make %s, not 100", strconv.Itoa(total))
	}
	if until := at.Field("arms_until"); c.ArmsUntil >= 2*len(c.Arms) && c.ArmsUntil < EnoughAnArm*open {
		until.Warnf("so few customers tell next to nothing; plan %d for each arm at least, and 400 to see a difference of ten in a hundred", EnoughAnArm)
	}
	if read && !differ && len(c.Arms) > 1 {
		in.Warnf("no arm has a show or an offer of its own: they all are the same")
	}
}
