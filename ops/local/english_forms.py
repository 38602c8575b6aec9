"""English forms that no rule of a dictionary makes, by the project's own choice.

Forms that are other words as well are not among them: found, left, saw, felt, bore.
"""

#: Each form, and what it is a form of.
ENGLISH_FORMS: dict[str, str] = {
    form: base
    for base, *forms in (
        line.split()
        for line in """
        man men
        woman women
        child children
        policeman policemen
        foot feet
        tooth teeth
        mouse mice
        wife wives
        knife knives
        thief thieves
        half halves
        crisis crises
        say said
        go went gone
        do did done
        take took taken
        give gave given
        come came
        become became
        make made
        know knew known
        get got gotten
        see seen
        run ran
        begin began begun
        win won
        lose lost
        rise risen rose
        fall fell fallen
        drive drove driven
        write wrote written
        ride rode ridden
        speak spoke spoken
        steal stole stolen
        break broke broken
        choose chose chosen
        freeze froze frozen
        wake woke woken
        swear swore sworn
        wear wore worn
        tear tore torn
        throw threw thrown
        grow grew grown
        fly flew flown
        draw drew drawn
        blow blew blown
        show showed shown
        shake shook shaken
        mistake mistook mistaken
        overtake overtook overtaken
        undertake undertook undertaken
        withdraw withdrew withdrawn
        hold held
        uphold upheld
        withhold withheld
        tell told
        sell sold
        buy bought
        bring brought
        catch caught
        fight fought
        seek sought
        teach taught
        think thought
        build built
        rebuild rebuilt
        send sent
        spend spent
        lend lent
        lead led
        feed fed
        flee fled
        meet met
        keep kept
        sleep slept
        sweep swept
        pay paid
        repay repaid
        stand stood
        understand understood
        withstand withstood
        strike struck
        stick stuck
        swing swung
        hang hung
        shoot shot
        hit hitting
        sit sat
        swim swam swum
        sing sang sung
        sink sank sunk
        shrink shrank shrunk
        drink drank drunk
        ring rang rung
        eat ate eaten
        forget forgot forgotten
        forbid forbade forbidden
        hide hid hidden
        bite bit bitten
        arise arose arisen
        shine shone
        slide slid
        mean meant
        deal dealt
        hear heard
        """.strip().splitlines()
    )
    for form in forms
}
